package dev.serai.camel;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a source is doing. Counts are since the start of its route, times are those of the wall clock.
 *
 * @param kind pull, file, kafka, push or tcp
 * @param flows where its records went until now
 * @param since when the trouble began; null, like {@code reason}, if there is none
 * @param reason why the state is not ok
 * @param records records that the route took, in each run; some may have been read before
 * @param accepted those of them that were new to the ledger, as far as the route tells
 * @param duplicates those that the ledger had already
 * @param refused requests or frames that were refused, by reason; empty for sources that pull
 * @param broken those that could not be read or processed and became dead letters
 * @param runs how many runs have ended, stopped ones not counted
 * @param failedRuns those of them that failed or did not read all
 * @param lastGoodAt when the last run ended that read all there was, or a request was accepted
 * @param nextRunAt when the schedule says that the next run begins; null if that is not known
 * @param newestAt the latest time among the cursor values or records; null if they have none
 * @param skipped what the last run had to leave out
 * @param ahead records of the last run that are dated later than now
 * @param usualPause between pushes, or new records, at this hour of the week; null while it is not known
 * @param missedShare of the changes in its flows, how many a pull brought first: 0 to 1; null if that is not known
 * @param silentSince when the last push was, or the last run that found something new, if that is too long ago; else null
 * @param arrivals how many pushes were accepted, or batches brought something new; null from a node that runs an earlier version
 */
public record SourceReport(
        String name,
        String kind,
        List<String> flows,
        SourceState state,
        @Nullable Instant since,
        @Nullable String reason,
        long records,
        long accepted,
        long duplicates,
        Map<String, Long> refused,
        long broken,
        long runs,
        long failedRuns,
        @Nullable Instant lastGoodAt,
        @Nullable SourceError lastError,
        @Nullable Instant nextRunAt,
        @Nullable Instant newestAt,
        long skipped,
        long ahead,
        @Nullable Duration usualPause,
        @Nullable Double missedShare,
        @Nullable Instant silentSince,
        @Nullable Long arrivals) {

    /** What equal sources of several nodes have in common, since a pull may have the name of a push. */
    public String key() {
        return (isOfPush(kind) ? "push:" : "pull:") + name;
    }

    private static boolean isOfPush(String kind) {
        return kind.equals("push") || kind.equals("tcp");
    }

    /** The age of the newest record in seconds; null if that is not known. */
    public @Nullable Double lagSeconds(Instant now) {
        return newestAt == null
                ? null
                : Math.max(0, Duration.between(newestAt, now).toMillis()) / 1000.0;
    }

    /** The latest failure, kept after it has passed. */
    public record SourceError(Instant at, String text) {}
}
