package dev.serai.admin;

import dev.serai.camel.SourceReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@code GET /api/status}; as {@link ApiJson}.
 *
 * @param ok whether all sources are ok, no target is down, and the ledger can be written and is not damaged
 */
record StatusJson(boolean ok, List<SourceJson> sources) {

    /**
     * @param since when the trouble began, with {@code reason}
     * @param refused by reason, of sources that answer a sender
     * @param lagSeconds the age of the newest record; null if that is not known
     */
    record SourceJson(
            String name,
            String kind,
            List<String> flows,
            String state,
            @Nullable String since,
            @Nullable String reason,
            long accepted,
            long duplicates,
            Map<String, Long> refused,
            @Nullable String lastGoodAt,
            @Nullable ErrorJson lastError,
            @Nullable String nextRunAt,
            @Nullable Double lagSeconds,
            long skipped,
            long records,
            long broken,
            long ahead,
            long runs,
            long failedRuns) {}

    record ErrorJson(String at, String text) {}

    static SourceJson source(SourceReport source, Instant now) {
        SourceReport.SourceError error = source.lastError();
        return new SourceJson(
                source.name(),
                source.kind(),
                source.flows(),
                source.state().word(),
                ApiJson.timeOrNull(source.since()),
                source.reason(),
                source.accepted(),
                source.duplicates(),
                Map.of(),
                ApiJson.timeOrNull(source.lastGoodAt()),
                error == null ? null : new ErrorJson(ApiJson.time(error.at()), error.text()),
                ApiJson.timeOrNull(source.nextRunAt()),
                source.newestAt() == null ? null : ApiJson.ageSeconds(source.newestAt(), now),
                source.skipped(),
                source.records(),
                source.broken(),
                source.ahead(),
                source.runs(),
                source.failedRuns());
    }
}
