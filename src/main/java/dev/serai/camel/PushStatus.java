package dev.serai.camel;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.PushMemory;
import dev.serai.rhythm.Rhythm;
import dev.serai.rhythm.Silence;
import dev.serai.text.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
    private final TreeMap<String, Long> refused = new TreeMap<>();
    private final TreeSet<String> flows = new TreeSet<>();
    private long accepted;
    private long duplicates;
    private @Nullable PushMemory memory;
    private @Nullable Instant lastGoodAt;
    private SourceReport.@Nullable SourceError lastError;

    /** @param kind push or tcp */
    public PushStatus(String kind, TimeSource time) {
        this.kind = kind;
        this.time = time;
        this.recent = new RecentOutcomes(time);
    }

    /** What was learned about the source before; from now on it learns from it. Without it nothing is ever silence. */
    public synchronized void remember(PushMemory known) {
        if (memory != known) {
            memory = known;
            begin();
        }
    }

    /** The source does not take anything at the moment, so that no push is missed. */
    public synchronized void begin() {
        if (memory != null) {
            memory.rhythm().begin(time.instant(), time.monotonicMillis());
        }
    }

    /**
     * A request was answered well.
     *
     * @param fresh changes that were new to the ledger
     * @param known changes that it had already
     * @param flow where they are; null if that is not known
     */
    public synchronized void taken(long fresh, long known, @Nullable String flow) {
        Instant now = time.instant();
        lastGoodAt = now;
        if (memory != null) {
            memory.rhythm().pushed(now, time.monotonicMillis());
        }
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
        Instant now = time.instant();
        PushMemory known = memory;
        Silence silence = known == null || isStopped ? null : known.rhythm().silence(now, time.monotonicMillis());
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
                known == null ? null : known.rhythm().usualPause(now),
                known == null ? null : known.missed().share());
    }

    private static @Nullable Instant since(
            SourceState state, RecentOutcomes.Summary summary, @Nullable Silence silence) {
        return switch (state) {
            case FAILING -> summary.since();
            case SILENT -> silence == null ? null : silence.since();
            default -> null;
        };
    }

    private static @Nullable String reason(
            SourceState state, RecentOutcomes.Summary summary, @Nullable Silence silence) {
        return switch (state) {
            case FAILING ->
                summary.failures() + " of the last " + summary.attempts() + " requests were refused, most of them as "
                        + summary.reason();
            case SILENT -> silence == null ? null : reason(silence);
            default -> null;
        };
    }

    private static String reason(Silence silence) {
        Instant since = silence.since().truncatedTo(ChronoUnit.SECONDS);
        Duration usual = silence.usual();
        return "no push was accepted since " + (silence.isFromStart() ? "the source started at " : "") + since
                + "; at this hour of the week the usual pause between pushes is "
                + (usual.compareTo(Rhythm.PAUSE_MIN) > 0
                        ? DurationText.ofSeconds(usual.toMillis() / 1000.0)
                        : "at most " + DurationText.ofSeconds(Rhythm.PAUSE_MIN.toSeconds()));
    }
}
