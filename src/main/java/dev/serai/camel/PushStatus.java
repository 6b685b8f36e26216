package dev.serai.camel;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.Silence;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the requests, or frames, of a source that is pushed to.
 *
 * <p>Threads: safe.
 */
public final class PushStatus {
    private static final int FLOWS_MAX = 20;
    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(400, "unreadable"),
            Map.entry(401, "signature"),
            Map.entry(403, "forbidden"),
            Map.entry(405, "method"),
            Map.entry(408, "too slow"),
            Map.entry(409, "conflict"),
            Map.entry(413, "too large"),
            Map.entry(415, "content type"),
            Map.entry(422, "invalid"),
            Map.entry(429, "overload"),
            Map.entry(500, "route"),
            Map.entry(502, "dead letter"),
            Map.entry(503, "overload"),
            Map.entry(507, "ledger"));

    private final String kind;
    private final TimeSource time;
    private final RecentOutcomes recent;
    private final ChangePauses pauses;
    private final TreeMap<String, Long> refused = new TreeMap<>();
    private final TreeSet<String> flows = new TreeSet<>();
    private long accepted;
    private long duplicates;
    private @Nullable Instant lastGoodAt;
    private SourceReport.@Nullable SourceError lastError;

    /** @param kind push or tcp */
    public PushStatus(String kind, TimeSource time) {
        this.kind = kind;
        this.time = time;
        this.recent = new RecentOutcomes(time);
        this.pauses = new ChangePauses(time, 1, "push was accepted");
    }

    /** Those between its pushes. */
    public ChangePauses pauses() {
        return pauses;
    }

    /**
     * A request was answered well.
     *
     * @param fresh changes that were new to the ledger
     * @param known changes that it had already
     * @param flow where they are; null if that is not known
     */
    public synchronized void taken(long fresh, long known, @Nullable String flow) {
        lastGoodAt = time.instant();
        pauses.came();
        recent.add(new Outcome.Delivered(null), 1);
        accepted += fresh;
        duplicates += known;
        if (flow != null && flows.size() < FLOWS_MAX) {
            flows.add(flow);
        }
    }

    /**
     * A request was refused.
     *
     * @param status as in HTTP
     */
    public synchronized void refused(int status) {
        refused(status, reason(status));
    }

    /**
     * The same for a reason that the status does not say.
     *
     * @param reason in a few words
     */
    public synchronized void refused(int status, String reason) {
        refuse(status, reason, reason + " (" + status + ")");
    }

    /**
     * The same for a fault of this side.
     *
     * @param fault what is wrong; null if the status says it, or the sender is to blame
     */
    public synchronized void failed(int status, @Nullable String fault) {
        String reason = reason(status);
        refuse(status, reason, reason + " (" + status + ")" + (fault == null ? "" : ": " + fault));
    }

    private static String reason(int status) {
        return REASONS.getOrDefault(status, "other");
    }

    private void refuse(int status, String reason, String text) {
        refused.merge(reason, 1L, Long::sum);
        lastError = new SourceReport.SourceError(time.instant(), text);
        recent.add(new Outcome.Refused(status, text), 1);
    }

    /** @param isStopped whether its route does not run */
    synchronized SourceReport report(String name, boolean isStopped) {
        RecentOutcomes.Summary summary = recent.summary();
        Silence silence = isStopped ? null : pauses.silence();
        SourceState state = isStopped
                ? SourceState.STOPPED
                : summary.isFailing() ? SourceState.FAILING : silence != null ? SourceState.SILENT : SourceState.OK;
        return new SourceReport(
                name,
                kind,
                List.copyOf(flows),
                state,
                since(state, summary, silence),
                reason(state, summary, silence),
                accepted + duplicates,
                accepted,
                duplicates,
                Map.copyOf(refused),
                0,
                0,
                0,
                lastGoodAt,
                lastError,
                null,
                null,
                0,
                0,
                pauses.usual(),
                pauses.missedShare(),
                silence == null ? null : silence.since(),
                pauses.arrivals());
    }

    private static @Nullable Instant since(
            SourceState state, RecentOutcomes.Summary summary, @Nullable Silence silence) {
        return switch (state) {
            case FAILING -> summary.since();
            case SILENT -> silence == null ? null : silence.since();
            default -> null;
        };
    }

    private @Nullable String reason(SourceState state, RecentOutcomes.Summary summary, @Nullable Silence silence) {
        return switch (state) {
            case FAILING ->
                summary.failures() + " of the last " + summary.attempts() + " requests were refused, most of them as "
                        + summary.reason();
            case SILENT -> silence == null ? null : pauses.reason(silence);
            default -> null;
        };
    }
}
