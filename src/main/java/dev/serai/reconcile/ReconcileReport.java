package dev.serai.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.LogGap;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.text.ExactJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run has found so far, or what the last one found. Times are RFC 3339.
 *
 * @param state never, running, done, failed or stopped
 * @param phase of a run under way: following, listing, searching, confirming, repairing or source
 * @param reason why it failed, or what else there is to say about its end
 * @param kind which keys are compared: all, hot, sample or only
 * @param sample of how many random keys it was; 0 for another run
 * @param bound of a sample that is done: at 95 %, less than this share of all keys differs, between 0 and 1; null for other runs
 * @param read how many records of the target were read
 * @param waitedSeconds how long it has waited, since the machine had other work
 * @param known how many keys the target was ever given, as far as that was read
 * @param keys how many keys were compared
 * @param pending keys of which a change was on its way
 * @param unknown keys that could not be compared
 * @param repaired keys that differed and are equal since they were delivered again
 * @param complete whether the ledger's log had all changes, so that a key which was never delivered is known to be extra
 * @param completeSince if it had not: from when on it had all; null if it is complete, or that is not known
 * @param verifiedThrough by FLOW/TARGET: what was accepted up to then is equal; empty until a run has found that
 * @param differences the first ones, by key
 * @param source what was found at the source; null if the file says nothing of it
 */
public record ReconcileReport(
        String name,
        String flow,
        String target,
        String state,
        @Nullable String phase,
        @Nullable String startedAt,
        @Nullable String endedAt,
        @Nullable String reason,
        String kind,
        int sample,
        @Nullable Double bound,
        boolean repair,
        boolean dryRun,
        long read,
        double waitedSeconds,
        long known,
        long keys,
        long equal,
        long missing,
        long stale,
        long extra,
        long differs,
        long pending,
        long unknown,
        long repaired,
        long notRepaired,
        boolean complete,
        @Nullable String completeSince,
        Map<String, String> verifiedThrough,
        List<DifferenceJson> differences,
        @Nullable SourceFindings source) {
    private static final Logger LOG = LoggerFactory.getLogger(ReconcileReport.class);

    /** @param repair what became of its repair, or null */
    public record DifferenceJson(
            String key,
            String kind,
            List<String> fields,
            @Nullable String repair) {
        /** Whether it is one, and not a key that could not be compared. */
        static boolean isListed(KeyDifference one) {
            return KeyFinding.valueOf(one.kind().toUpperCase(Locale.ROOT)).isDifference();
        }

        static DifferenceJson of(KeyDifference one) {
            return new DifferenceJson(one.key(), one.kind(), one.fields(), one.repair());
        }
    }

    /** A reconciliation that never ran. */
    static ReconcileReport never(ReconcileFile file) {
        RunProgress none = new RunProgress(RunRequest.LOOK, Instant.EPOCH);
        return of(file, none, "never", null, null, Map.of(), 0, 0, null);
    }

    static ReconcileReport of(
            ReconcileFile file,
            RunProgress run,
            String state,
            @Nullable Instant endedAt,
            @Nullable String reason,
            Map<String, Long> counts,
            long repaired,
            long known,
            @Nullable LogGap gap) {
        long missing = counts.getOrDefault(KeyFinding.MISSING.word(), 0L);
        long stale = counts.getOrDefault(KeyFinding.STALE.word(), 0L);
        long extra = counts.getOrDefault(KeyFinding.EXTRA.word(), 0L);
        long differs = counts.getOrDefault(KeyFinding.DIFFERS.word(), 0L);
        long pending = counts.getOrDefault(KeyFinding.PENDING.word(), 0L);
        long unknown = counts.getOrDefault(KeyFinding.UNKNOWN.word(), 0L);
        long compared = run.equal + missing + stale + differs;
        boolean running = state.equals("running");
        return new ReconcileReport(
                file.name(),
                file.target().flow(),
                file.target().target(),
                state,
                running ? run.phase.name().toLowerCase(Locale.ROOT) : null,
                run.startedAt.equals(Instant.EPOCH) ? null : time(run.startedAt),
                timeOrNull(endedAt),
                reason,
                run.request.kind(),
                run.request.sample(),
                run.request.sample() > 0 && compared > 0 && state.equals("done")
                        ? SampleBound.of(missing + stale + differs, compared)
                        : null,
                run.request.repair(),
                run.request.dryRun(),
                run.read,
                run.waitedSeconds(),
                known,
                run.equal + missing + stale + extra + differs + pending + unknown,
                run.equal,
                missing,
                stale,
                extra,
                differs,
                pending,
                unknown,
                repaired,
                run.request.mends() ? missing + stale + differs - repaired : 0,
                gap == null || gap.isNone(),
                gap == null ? null : timeOrNull(gap.end()),
                Map.of(),
                List.of(),
                null);
    }

    private static @Nullable String timeOrNull(@Nullable Instant time) {
        return time == null ? null : time(time);
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** The same with what is read when somebody asks. */
    ReconcileReport with(Map<String, String> marks, List<DifferenceJson> some, @Nullable SourceFindings sourceReport) {
        return new ReconcileReport(
                name,
                flow,
                target,
                state,
                phase,
                startedAt,
                endedAt,
                reason,
                kind,
                sample,
                bound,
                repair,
                dryRun,
                read,
                waitedSeconds,
                known,
                keys,
                equal,
                missing,
                stale,
                extra,
                differs,
                pending,
                unknown,
                repaired,
                notRepaired,
                complete,
                completeSince,
                marks,
                some,
                sourceReport);
    }

    /** Whether an operator should read of it: hot windows run again and again, and most find nothing, as the run before. */
    boolean isNews(ReconcileReport before) {
        return !kind.equals(RunRequest.LOOK_AT_RECENT.kind()) || findsAnything() || before.findsAnything();
    }

    private boolean findsAnything() {
        return !state.equals("done") || missing + stale + extra + differs + unknown > 0;
    }

    /** In one line for the log. */
    String summary() {
        String line = keys + " keys, " + equal + " equal, " + missing + " missing, " + stale + " stale, " + extra
                + " extra, " + differs + " differ";
        SourceFindings there = SourceRuns.areDueIn(kind) ? source : null;
        double waited = waitedSeconds + (there == null ? 0 : there.waitedSeconds());
        return line
                + (there == null ? "" : "; source: " + there.summary())
                + (waited < 1 ? "" : String.format(Locale.ROOT, "; waited %.1f s for other work", waited));
    }

    String save() {
        ObjectNode json = ExactJson.MAPPER.valueToTree(this);
        return json.toString();
    }

    /** Reads what {@link #save} wrote; null if it cannot be read. */
    static @Nullable ReconcileReport of(@Nullable String saved) {
        try {
            return saved == null ? null : ExactJson.MAPPER.readValue(saved, ReconcileReport.class);
        } catch (JsonProcessingException e) {
            LOG.warn(
                    "What the last run found cannot be read, so it is as if there was none: {}",
                    e.getOriginalMessage());
            return null;
        }
    }
}
