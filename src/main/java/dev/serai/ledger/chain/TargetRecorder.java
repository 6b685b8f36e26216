package dev.serai.ledger.chain;

import dev.serai.forecast.AttemptBucket;
import dev.serai.forecast.AttemptEnd;
import dev.serai.forecast.AttemptForecast;
import dev.serai.forecast.AttemptMixture;
import dev.serai.forecast.AttemptSeconds;
import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.DriftAlarm;
import dev.serai.forecast.Durations;
import dev.serai.forecast.ForecastScore;
import dev.serai.forecast.IntervalScore;
import dev.serai.forecast.Regime;
import dev.serai.forecast.RegimeModel;
import dev.serai.forecast.RegimePeriod;
import dev.serai.forecast.RegimeTracker;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts how the attempts to deliver to one target end since the last time that was written, follows its regime, and scores what was foretold
 * about each attempt.
 *
 * <p>Threads: safe; held for well under a microsecond.
 */
public final class TargetRecorder {
    private static final int TOO_MANY_REQUESTS = 429;
    /** Fewer outages tell too little about the next one. */
    private static final int OUTAGES_MIN = 5;
    /** A probe is made once the target is back with this probability. */
    private static final double BACK = 0.1;

    private static final long PROBE_WAIT_MILLIS_MIN = 200;
    private static final long PROBE_WAIT_MILLIS_MAX = 120_000;

    private final TimeSource time;
    private final ChainCounts counts = new ChainCounts();
    private final AttemptMixture mixture = new AttemptMixture();
    private final ForecastScore score = new ForecastScore();
    private final AttemptSeconds.Newest times = new AttemptSeconds.Newest();
    private final TimeTrials trials;
    private final DriftAlarm drift = new DriftAlarm();
    private final List<RegimePeriod> ended = new ArrayList<>();
    private final RegimeTracker tracker;
    private TargetOptions options;
    private boolean isDownHere;
    private boolean isDownElsewhere;
    private long attemptsElsewhere;
    private long failuresElsewhere;
    /** How long it is down; null while too few outages are known. */
    private volatile @Nullable Durations outages;

    /**
     * What is to be written.
     *
     * @param periods those that ended, and at last the running one
     */
    record Unwritten(ChainCounts counts, List<RegimePeriod> periods, ForecastScore score, IntervalScore intervals) {}

    /**
     * The failures of the last minutes do not fit those of the last day.
     *
     * @param lately the share of attempts that fail now
     * @param usual the share that usually fails
     */
    public record Drift(double lately, double usual) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.1f %% of its attempts fail in the last minutes, usually %.1f %%",
                    100 * lately,
                    100 * usual);
        }
    }

    TargetRecorder(TargetOptions options, TimeSource time) {
        this.options = options;
        this.time = time;
        this.trials = new TimeTrials(time);
        this.tracker = new RegimeTracker(time.millis());
    }

    synchronized void use(TargetOptions newest) {
        options = newest;
    }

    synchronized TargetOptions options() {
        return options;
    }

    /** What was counted within the last day, before this process. */
    synchronized void restore(ChainCounts lastDay) {
        drift.restore(lastDay.attempts(), lastDay.failures());
    }

    /** How the outcome is counted; null if nothing was sent or nothing is known. */
    static @Nullable AttemptEnd endOf(Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            return AttemptEnd.DELIVERED;
        }
        if (outcome instanceof Outcome.Refused refused) {
            return refused.wasSent() ? AttemptEnd.REFUSED : null;
        }
        if (outcome instanceof Outcome.Gone) {
            return AttemptEnd.REFUSED;
        }
        if (outcome instanceof Outcome.Failed failed) {
            Integer status = failed.status();
            boolean limited = failed.quietFor() != null || (status != null && status == TOO_MANY_REQUESTS);
            AttemptEnd other = failed.outage() ? AttemptEnd.OUTAGE : AttemptEnd.FAILED;
            return limited ? AttemptEnd.THROTTLED : other;
        }
        return outcome instanceof Outcome.Unreachable ? AttemptEnd.OUTAGE : null;
    }

    // ---- Attempts

    /**
     * Foretells an attempt that is made now.
     *
     * @param attempt its number, counted from 1
     */
    public synchronized AttemptForecast foretell(int attempt) {
        return mixture.foretell(AttemptBucket.of(attempt), tracker.regime());
    }

    /**
     * An attempt has ended; whether it counts is not known yet.
     *
     * @param foretold about it when it was made; null if nothing was
     * @param tookMillis how long it was under way
     */
    public synchronized void ended(@Nullable AttemptForecast foretold, Outcome outcome, long tookMillis) {
        AttemptEnd end = endOf(outcome);
        if (end == null) {
            return;
        }
        if (foretold != null) {
            score.add(foretold, end);
            mixture.learn(foretold, end);
        }
        counts.add(ChainCounts.TIMED, 1);
        counts.add(ChainCounts.TIMED_MILLIS, tookMillis);
        times.add(end, Math.max(1, tookMillis) / 1000.0);
        Duration asked = outcome instanceof Outcome.Failed failed ? failed.retryAfter() : null;
        if (asked != null && end == AttemptEnd.THROTTLED) {
            counts.add(ChainCounts.ASKED, 1);
            counts.add(ChainCounts.ASKED_MILLIS, asked.toMillis());
        }
        note(tracker.attempted(end, time.millis()));
    }

    /**
     * It was decided that the attempt counts.
     *
     * @param foretold about it when it was made; null if nothing was
     * @param attempt its number, counted from 1
     */
    public synchronized void counted(@Nullable AttemptForecast foretold, int attempt, Outcome outcome) {
        AttemptEnd end = endOf(outcome);
        if (end != null) {
            count(foretold, attempt, end);
        }
    }

    /** It was decided that the attempt does not count, because the target is to blame or nobody knows what became of it. */
    public synchronized void spared(@Nullable AttemptForecast foretold, int attempt) {
        count(foretold, attempt, AttemptEnd.SPARED);
    }

    /** In the regime in which it was made: its failure may have ended that. */
    private void count(@Nullable AttemptForecast foretold, int attempt, AttemptEnd end) {
        Regime regime = foretold == null ? tracker.regime() : foretold.regime();
        counts.add(ChainCounts.cell(regime, AttemptBucket.of(attempt), end), 1);
    }

    /** How long the newest attempts took; if there was none since the start, as long as given. */
    synchronized AttemptSeconds attemptSeconds(double otherwise) {
        return times.seconds(otherwise);
    }

    /** Scores the times that are foretold. */
    public TimeTrials trials() {
        return trials;
    }

    // ---- Regimes

    /** The circuit opened. */
    public synchronized void down(Instant since) {
        isDownHere = true;
        note(tracker.down(since.toEpochMilli()));
    }

    /** The circuit closed. */
    public synchronized void up() {
        isDownHere = false;
        if (!isDownElsewhere) {
            note(tracker.up(time.millis()));
        }
    }

    /** Whether another node says that the target is down, since when; null if none does. A target is down if it is for any node. */
    public synchronized void downElsewhere(@Nullable Instant since) {
        boolean wasDown = isDownElsewhere;
        isDownElsewhere = since != null;
        if (since != null) {
            note(tracker.down(Math.min(time.millis(), since.toEpochMilli())));
        } else if (wasDown && !isDownHere) {
            note(tracker.up(time.millis()));
        }
    }

    /** So many attempts that ended at other nodes, with the failures among them, came to be known. */
    synchronized void elsewhere(long attempts, long failures) {
        attemptsElsewhere += attempts;
        failuresElsewhere += failures;
    }

    synchronized boolean isDown() {
        return tracker.regime() == Regime.DOWN;
    }

    /** @param periods those of all regimes that are known, in any order */
    void learn(List<RegimePeriod> periods) {
        long ended = periods.stream()
                .filter(period -> period.regime() == Regime.DOWN && period.ended())
                .count();
        outages = ended < OUTAGES_MIN ? null : new RegimeModel(periods).durations(Regime.DOWN);
    }

    /**
     * When to probe a target that is down: when it is back with a probability of {@value #BACK}, {@value #PROBE_WAIT_MILLIS_MIN} to
     * {@value #PROBE_WAIT_MILLIS_MAX} ms later. It is learned at the end of each minute in which the target is down.
     *
     * @param downMillis how long it has been down
     * @return milliseconds; empty while too few outages are known
     */
    public OptionalLong probeWait(long downMillis) {
        Durations known = outages;
        if (known == null) {
            return OptionalLong.empty();
        }
        double seconds = known.residual(downMillis / 1000.0, BACK);
        return OptionalLong.of(
                Math.max(PROBE_WAIT_MILLIS_MIN, Math.min(PROBE_WAIT_MILLIS_MAX, Math.round(seconds * 1000))));
    }

    private void note(@Nullable RegimePeriod period) {
        if (period != null) {
            ended.add(period);
        }
    }

    synchronized RegimePeriod running() {
        return tracker.running(time.millis());
    }

    /** The failures that do not fit; empty if they do. */
    synchronized Optional<Drift> drift() {
        return drift.isOn() ? Optional.of(new Drift(drift.lately(), drift.usual())) : Optional.empty();
    }

    // ---- Writing

    /** A minute is over: what was counted, which begins at 0 again. */
    synchronized Unwritten drain() {
        drift.minute(counts.attempts() + attemptsElsewhere, counts.failures() + failuresElsewhere);
        attemptsElsewhere = 0;
        failuresElsewhere = 0;
        List<RegimePeriod> periods = new ArrayList<>(ended);
        periods.add(running());
        ended.clear();
        return new Unwritten(counts.drain(), periods, score.drain(), trials.drain());
    }

    /** The same, which stays as it is. */
    synchronized Unwritten unwritten() {
        ChainCounts copy = new ChainCounts();
        copy.addAll(counts);
        ForecastScore scored = new ForecastScore();
        scored.addAll(score);
        List<RegimePeriod> periods = new ArrayList<>(ended);
        periods.add(running());
        return new Unwritten(copy, periods, scored, trials.unwritten());
    }
}
