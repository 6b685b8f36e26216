package dev.serai.camel;

import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.Silence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of a source have come to. A run is one reading of a pull, or one batch of a source that reads without end; it
 * is good if it read all there was.
 *
 * <p>Promise: the state is ok only if a run was good after the last failure and no problem stands.
 *
 * <p>Threads: safe.
 */
public final class SourceStatus {
    private static final Duration LATE_MAX = Duration.ofMinutes(1);
    private static final int FLOWS_MAX = 20;
    /** What is pulled has no rhythm that its source promises, so it may be this much later than a push. */
    private static final double PATIENCE = 3;

    /**
     * A reason why the source is failing.
     *
     * @param isOfRun whether it is that of an ended run, as opposed to an attempt that is repeated in the same run
     */
    private record SourceFailure(Instant since, String text, boolean isOfRun) {}

    private final String kind;
    private final TimeSource clock;
    private final ChangePauses pauses;
    private final TreeSet<String> flows = new TreeSet<>();
    private final Map<String, SourceFailure> problems = new LinkedHashMap<>();
    private @Nullable SourceFailure failure;
    private SourceReport.@Nullable SourceError lastError;
    private @Nullable Instant lastGoodAt;
    private @Nullable Instant nextRunAt;
    private @Nullable Instant newestAt;
    private @Nullable Instant troubleSince;
    private boolean isRunning;
    private long records;
    private long accepted;
    private long duplicates;
    private long broken;
    private long runs;
    private long failedRuns;
    private long skipped;
    private long ahead;

    /** @param kind pull, file or kafka */
    public SourceStatus(String kind, TimeSource clock) {
        this.kind = kind;
        this.clock = clock;
        this.pauses = new ChangePauses(clock, PATIENCE, "new record was found");
    }

    /** Those between the times at which it found something new. */
    public ChangePauses pauses() {
        return pauses;
    }

    // ---- Runs

    /** @param next when the schedule says that the run after this one begins; null if that is not known */
    public synchronized void begun(@Nullable Instant next) {
        isRunning = true;
        nextRunAt = next;
    }

    /**
     * The run has ended, and read all there was.
     *
     * @return whether the source was failing before
     */
    public synchronized boolean good() {
        boolean failed = failure != null;
        failure = null;
        lastGoodAt = clock.instant();
        isRunning = false;
        runs++;
        return failed;
    }

    /**
     * The run has ended before it read all there was.
     *
     * @param text in one line that holds no secret
     * @return whether this is news: the source was not failing before, or for another cause
     */
    public synchronized boolean failed(String text) {
        isRunning = false;
        runs++;
        failedRuns++;
        return fail(text, true);
    }

    /** An attempt has failed, and the run repeats it; returns the same as {@link #failed}. */
    public synchronized boolean attemptFailed(String text) {
        return fail(text, failure != null && failure.isOfRun);
    }

    /** Another node runs it from now on, so what failed here is over, and no run is due here. */
    public synchronized void elsewhere() {
        failure = null;
        nextRunAt = null;
        problems.clear();
    }

    /** The run was ended by a stop, which is neither good nor a failure. */
    public synchronized void stopped() {
        isRunning = false;
    }

    private boolean fail(String text, boolean isOfRun) {
        Instant now = clock.instant();
        SourceFailure before = failure;
        failure = new SourceFailure(before == null ? now : before.since, text, isOfRun);
        lastError = new SourceReport.SourceError(now, text);
        return before == null || !cause(before.text).equals(cause(text));
    }

    /** What comes before details that differ each time, such as a part of an answer. */
    private static String cause(String text) {
        int details = text.indexOf(": ");
        return details < 0 ? text : text.substring(0, details);
    }

    // ---- What a run found

    /**
     * The route took a batch. An attempt that had failed is over.
     *
     * @param count its records
     * @param fresh how many were new to the ledger; null if that is not known
     * @param freshBroken how many new ones are dead letters from the start
     * @param flow where they are; null if that is not known
     * @return whether the source was failing because of attempts
     */
    public synchronized boolean taken(long count, @Nullable Integer fresh, long freshBroken, @Nullable String flow) {
        records += count;
        if (fresh == null ? count > 0 : fresh > 0) {
            pauses.came();
        }
        accepted += fresh == null ? 0 : fresh;
        duplicates += fresh == null ? 0 : Math.max(0, count - fresh);
        broken += freshBroken;
        if (flow != null && flows.size() < FLOWS_MAX) {
            flows.add(flow);
        }
        boolean passed = failure != null && !failure.isOfRun;
        if (passed) {
            failure = null;
        }
        return passed;
    }

    /** @param time among the cursor values or records of the run; null if they have none */
    public synchronized void newest(@Nullable Instant time) {
        if (time != null && (newestAt == null || time.isAfter(newestAt))) {
            newestAt = time;
        }
    }

    /**
     * @param skippedNow what the run had to leave out
     * @param aheadNow records that are dated later than now
     */
    public synchronized void counted(long skippedNow, long aheadNow) {
        skipped = skippedNow;
        ahead = aheadNow;
    }

    /**
     * Something that stays wrong until somebody mends it, whichever way the runs end.
     *
     * @param what which problem of the source it is
     * @param text null if it is over
     * @return whether this is news
     */
    public synchronized boolean problem(String what, @Nullable String text) {
        SourceFailure before = problems.get(what);
        if (text == null) {
            problems.remove(what);
            return before != null;
        }
        Instant now = clock.instant();
        problems.put(what, new SourceFailure(before == null ? now : before.since, text, true));
        boolean isNews = before == null || !before.text.equals(text);
        if (isNews) {
            lastError = new SourceReport.SourceError(now, text);
        }
        return isNews;
    }

    // ---- The report

    /**
     * @param isStopped whether its route does not run
     * @param trouble why it cannot read at all at the moment, if that is known without a run
     * @param isIdleOk whether it is ok without having read anything
     */
    synchronized SourceReport report(String name, boolean isStopped, @Nullable String trouble, boolean isIdleOk) {
        Instant now = clock.instant();
        String overdue = overdue(now);
        Silence silence = pauses.silence();
        seeTrouble(trouble, now);
        boolean isOver = isRunning && nextRunAt != null && nextRunAt.isBefore(now); // it begins when this run has ended
        List<String> reasons = new ArrayList<>();
        if (failure != null) {
            reasons.add(failure.text);
        }
        problems.values().forEach(problem -> reasons.add(problem.text));
        if (trouble != null) {
            reasons.add(trouble);
        }
        boolean isFailing = !reasons.isEmpty();
        SourceState state = isStopped
                ? SourceState.STOPPED
                : isFailing
                        ? SourceState.FAILING
                        : overdue != null || silence != null
                                ? SourceState.SILENT
                                : lastGoodAt == null && !isIdleOk ? SourceState.STARTING : SourceState.OK;
        Instant since = since();
        if (state == SourceState.SILENT) {
            reasons.add(overdue != null ? overdue : pauses.reason(Objects.requireNonNull(silence)));
            since = overdue != null
                    ? nextRunAt
                    : Objects.requireNonNull(silence).since();
        }
        return new SourceReport(
                name,
                kind,
                List.copyOf(flows),
                state,
                since,
                reasons.isEmpty() ? null : String.join("; ", reasons),
                records,
                accepted,
                duplicates,
                Map.of(),
                broken,
                runs,
                failedRuns,
                lastGoodAt,
                lastError,
                isStopped || isOver ? null : nextRunAt,
                newestAt,
                skipped,
                ahead,
                pauses.usual(),
                null,
                silence == null || isStopped ? null : silence.since(),
                pauses.arrivals());
    }

    private void seeTrouble(@Nullable String trouble, Instant now) {
        if (trouble == null) {
            troubleSince = null;
        } else if (troubleSince == null) {
            troubleSince = now;
            lastError = new SourceReport.SourceError(now, trouble);
        }
    }

    private @Nullable String overdue(Instant now) {
        boolean isLate =
                !isRunning && nextRunAt != null && nextRunAt.plus(LATE_MAX).isBefore(now);
        return isLate
                ? "a run was due at " + nextRunAt + " and did not begin: check that its route is not suspended"
                : null;
    }

    private @Nullable Instant since() {
        Instant since = failure == null ? troubleSince : failure.since;
        for (SourceFailure problem : problems.values()) {
            since = since == null || problem.since.isBefore(since) ? problem.since : since;
        }
        return since;
    }
}
