package dev.serai.admin;

import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.camel.SourceReport;
import dev.serai.http.ServerTls;
import dev.serai.ledger.chain.TargetRecorder.Drift;
import dev.serai.ledger.cluster.UnreadShards;
import dev.serai.ledger.delivery.TargetState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.reconcile.ReconcileState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@code GET /api/status}; as {@link ApiJson}.
 *
 * @param ok whether the node is running, all sources, targets and certificates are ok, the ledger can be written and is not damaged, all files
 *     are loaded, nothing differs, all named tokens are accepted, and all bills match
 * @param phase how far the node is: starting, running or stopping
 * @param sources the worst first, like the targets
 * @param reconciliations by name
 * @param tls of the ports that have it
 * @param tokens the file of named tokens
 * @param bills those that are compared with the ledger and a target
 */
public record StatusJson(
        boolean ok,
        String phase,
        List<SourceJson> sources,
        List<TargetStateJson> targets,
        List<FlowCountJson> flows,
        LedgerJson ledger,
        RoutesJson routes,
        List<ReconciliationJson> reconciliations,
        List<TlsJson> tls,
        TokensJson tokens,
        List<BillsJson> bills) {

    /**
     * @param port flows or admin
     * @param expiresAt when its certificate expires
     * @param trouble what has to be mended, or null
     */
    public record TlsJson(
            String port, String expiresAt, @Nullable String trouble) {
        static List<TlsJson> of(CamelContext camel) {
            return camel.getRegistry().findByType(ServerTls.class).stream()
                    .map(tls -> new TlsJson(tls.port(), ApiJson.time(tls.expiresAt()), tls.trouble()))
                    .sorted(Comparator.comparing(TlsJson::port))
                    .toList();
        }
    }

    /** @param trouble the newest day that does not match and that nobody signed off, or null */
    public record BillsJson(String name, @Nullable String trouble) {}

    /** @param trouble why named tokens are not accepted, or null */
    public record TokensJson(@Nullable String trouble) {}

    /**
     * @param since when what the state says began; null if that is not known
     * @param reason why the state is not ok, and why failures are unusual
     * @param perMinute changes delivered in the last minute
     * @param failedPerMinute attempts that failed in the last minute
     * @param drainSeconds until it has all that waits, at the pace of the last minute; null if nothing waits or it takes nothing
     * @param verifiedThrough up to when everything that was accepted is known to be equal in it; null if that is not known
     */
    public record TargetStateJson(
            String flow,
            String target,
            String state,
            @Nullable String since,
            @Nullable String reason,
            long pending,
            long delivering,
            long retrying,
            long blocked,
            long dead,
            long delivered,
            double oldestSeconds,
            long perMinute,
            long failedPerMinute,
            @Nullable Long drainSeconds,
            long timedOut,
            @Nullable String verifiedThrough) {

        TargetStateJson verified(@Nullable Instant through) {
            return new TargetStateJson(
                    flow,
                    target,
                    state,
                    since,
                    reason,
                    pending,
                    delivering,
                    retrying,
                    blocked,
                    dead,
                    delivered,
                    oldestSeconds,
                    perMinute,
                    failedPerMinute,
                    drainSeconds,
                    timedOut,
                    ApiJson.timeOrNull(through));
        }
    }

    /** @param digests whether digests of what its targets take may be kept; false if it says {@code digests: false} */
    public record FlowCountJson(String flow, long accepted, long duplicates, boolean digests) {}

    /** The shards from {@code first} to {@code last}, all in one database. */
    public record UnreadJson(String database, int first, int last, String since, String reason) {
        static UnreadJson of(UnreadShards one) {
            return new UnreadJson(one.database(), one.first(), one.last(), ApiJson.time(one.since()), one.reason());
        }
    }

    /**
     * @param writable whether it accepts changes, at least of the keys whose database is not away
     * @param trouble why it cannot be written, or what is not in order
     * @param bytes null, like the others, if that is not known
     * @param fullInSeconds until its disk is full, if it grows as it did within the last hour; null if it does not grow
     * @param damage what was found damaged, or null
     * @param clock how far the wall clock was set within the last hour, or null
     * @param unread the shards that cannot be read; all counts are without theirs
     */
    public record LedgerJson(
            boolean writable,
            @Nullable String trouble,
            @Nullable Long bytes,
            @Nullable Long freeBytes,
            @Nullable Long fullInSeconds,
            @Nullable String damage,
            @Nullable String clock,
            List<UnreadJson> unread) {}

    /**
     * @param since when the trouble began, with {@code reason}
     * @param refused by reason, of sources that answer a sender
     * @param lagSeconds the age of the newest record; null if that is not known
     * @param usualPauseSeconds between pushes, or new records, at this hour of the week; null while it is not known
     * @param missedShare of the changes in its flows, how many a pull brought first; null if that is not known
     */
    public record SourceJson(
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
            long failedRuns,
            @Nullable Double usualPauseSeconds,
            @Nullable Double missedShare) {}

    public record ErrorJson(String at, String text) {}

    /**
     * @param loaded how many of the users' routes run
     * @param refused the files that could not be loaded as they are now
     */
    public record RoutesJson(long loaded, List<RefusedFileJson> refused) {}

    /** @param line null if it is not known */
    public record RefusedFileJson(String file, @Nullable Integer line, String reason, String since) {}

    /**
     * @param state ok, differs if keys are missing, stale or different and were not repaired, or failing
     * @param source the state of the source; null if it is not compared
     * @param since when the trouble began, with {@code reason}
     */
    public record ReconciliationJson(
            String name,
            String flow,
            String target,
            String state,
            @Nullable String since,
            @Nullable String reason,
            @Nullable String verifiedThrough,
            @Nullable String source) {
        static ReconciliationJson of(ReconcileState one) {
            return new ReconciliationJson(
                    one.name(),
                    one.target().flow(),
                    one.target().target(),
                    one.word(),
                    ApiJson.timeOrNull(one.since()),
                    one.reason(),
                    ApiJson.timeOrNull(one.verifiedThrough()),
                    one.source() == null ? null : one.source().word());
        }

        boolean isOk() {
            return state.equals(ReconcileState.OK);
        }
    }

    /** @param wait why what waits is not taken, as the end of the route knows it; null if it does not */
    static TargetStateJson target(
            String flow, TargetStatus target, @Nullable Drift drift, @Nullable String wait, Instant now) {
        boolean isSlow = target.state(now) == TargetState.SLOW;
        @Nullable String why = isSlow && wait != null ? target.reason(now) + ": " + wait : target.reason(now);
        long perMinute = target.recent().deliveredPerMinute();
        long backlog = target.backlog();
        return new TargetStateJson(
                flow,
                target.target(),
                target.state(now).word(),
                ApiJson.timeOrNull(target.since(now)),
                reason(why, drift),
                target.pending(),
                target.delivering(),
                target.waiting(),
                target.parked(),
                target.dead(),
                target.delivered(),
                ApiJson.ageSeconds(target.oldest(), now),
                perMinute,
                target.recent().failedPerMinute(),
                backlog == 0 || perMinute == 0 ? null : Math.max(1, backlog * 60 / perMinute),
                target.timedOut(),
                null);
    }

    private static @Nullable String reason(@Nullable String reason, @Nullable Drift drift) {
        if (drift == null) {
            return reason;
        }
        return reason == null ? drift.toString() : reason + "; " + drift;
    }

    static RoutesJson routes(long loaded, List<RefusedFile> refused) {
        return new RoutesJson(
                loaded,
                refused.stream()
                        .map(file -> new RefusedFileJson(
                                file.file(), file.line(), file.reason(), ApiJson.time(file.since())))
                        .toList());
    }

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
                source.refused(),
                ApiJson.timeOrNull(source.lastGoodAt()),
                error == null ? null : new ErrorJson(ApiJson.time(error.at()), error.text()),
                ApiJson.timeOrNull(source.nextRunAt()),
                source.lagSeconds(now),
                source.skipped(),
                source.records(),
                source.broken(),
                source.ahead(),
                source.runs(),
                source.failedRuns(),
                source.usualPause() == null ? null : source.usualPause().toMillis() / 1000.0,
                source.missedShare());
    }
}
