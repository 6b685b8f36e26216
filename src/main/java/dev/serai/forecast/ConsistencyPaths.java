package dev.serai.forecast;

import dev.serai.forecast.TargetLoad.Retrying;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Draws what may happen from now on, again and again: how the regimes go on, how attempts end, with probabilities that are
 * themselves drawn out of what may be true after the counts. The changes of one path share its regimes, so that their fates depend
 * on each other. The same input gives the same result.
 *
 * <p>Threads: one thread at a time.
 */
final class ConsistencyPaths {
    private static final int PATHS = 1_000;
    private static final double HOUR = 3_600;
    private static final long SEED = 20_260_101;
    /** So many are counted one by one; the number out of more is taken from the normal distribution. */
    private static final int SMALL = 64;
    /** So many paths share one draw of the probabilities, which is dear. */
    private static final int PATHS_PER_DRAW = 10;

    private static final int COHORTS_MAX = 30;
    private static final int STEPS_MAX = 2_000;
    /** A path that takes more steps than this, such as of a target that never answered, has no end. */
    private static final int STEPS_OF_PATH_MAX = 5_000;
    /** After so many steps in all no further path is drawn, if there are at least {@link #PATHS_MIN}. */
    private static final int STEPS_OF_ALL_MAX = 400_000;

    private static final int PATHS_MIN = 20;

    private final ChainCounts counts;
    private final RegimeModel regimes;
    private final RetryPlan plan;
    private final TargetLoad now;
    private final List<Retrying> cohorts;
    private final double askedSeconds;
    private final RandomGenerator random = new SplittableRandom(SEED);

    private final double[] single = new double[PATHS];
    private final double[] drained = new double[PATHS];
    private final double[] deadInHour = new double[PATHS];
    private final double[] delivered = new double[PATHS];
    private final double[] inAnHour = new double[Regime.COUNT];

    /** What is drawn for the path under way. */
    private TransitionShares shares;

    private RegimePath path;
    private long dead;
    private int paths;
    private long steps;
    private long lastStep;

    ConsistencyPaths(ChainCounts counts, RegimeModel regimes, RetryPlan plan, TargetLoad now) {
        this.counts = counts;
        this.regimes = regimes;
        this.plan = plan;
        this.now = now;
        this.cohorts = cohorts(now.retrying());
        this.askedSeconds = counts.askedSeconds();
        this.shares = new TransitionShares(counts);
        this.path = new RegimePath(regimes, now.regime(), now.ageSeconds(), random);
    }

    void run() {
        for (int i = 0; i < PATHS && (i < PATHS_MIN || steps < STEPS_OF_ALL_MAX); i++) {
            paths = i + 1;
            lastStep = steps + STEPS_OF_PATH_MAX;
            shares = i % PATHS_PER_DRAW == 0 ? new TransitionShares(counts, random) : shares;
            path = new RegimePath(regimes, now.regime(), now.ageSeconds(), random);
            dead = 0;
            inAnHour[path.at(HOUR).ordinal()]++;
            double tried = queueEnd(0, now.pending());
            double over = now.underWay() == 0 ? 0 : cohort(now.underWay(), 1, 0, true);
            over = now.pending() == 0 ? over : Math.max(over, cohort(now.pending(), 1, tried, false));
            for (Retrying retrying : cohorts) {
                over = Math.max(over, cohort(retrying.changes(), retrying.attempt(), retrying.inSeconds(), false));
            }
            if (now.blocked() > 0) {
                over = cohort(now.blocked(), 1, queueEnd(over, now.blocked()), false);
            }
            drained[i] = goesOn() ? over : Double.POSITIVE_INFINITY;
            deadInHour[i] = dead;
            lastStep = steps + STEPS_OF_PATH_MAX;
            boolean arrives = one(tried) && goesOn();
            single[i] = arrives ? oneAt : Double.POSITIVE_INFINITY;
            delivered[i] = chance();
        }
    }

    private boolean goesOn() {
        return steps < lastStep;
    }

    /** Counts a step of the path under way; false if it has taken too many. */
    private boolean step() {
        steps++;
        return goesOn();
    }

    /** Changes of the same attempt number that are due at about the same time go together, if there are very many. */
    private static List<Retrying> cohorts(List<Retrying> retrying) {
        List<Retrying> ordered = new ArrayList<>(retrying);
        ordered.sort(Comparator.comparingInt(Retrying::attempt).thenComparingDouble(Retrying::inSeconds));
        int together = (ordered.size() + COHORTS_MAX - 1) / COHORTS_MAX;
        List<Retrying> cohorts = new ArrayList<>();
        for (int from = 0; from < ordered.size(); from += Math.max(1, together)) {
            List<Retrying> some = ordered.subList(from, Math.min(ordered.size(), from + together));
            cohorts.add(new Retrying(
                    some.get(0).attempt(),
                    some.stream().mapToLong(Retrying::changes).sum(),
                    some.stream().mapToDouble(Retrying::inSeconds).max().orElseThrow()));
        }
        return cohorts;
    }

    /** When the last of these changes is tried, if the first is at this time. */
    private double queueEnd(double from, long changes) {
        double left = changes;
        double at = from;
        for (int step = 0; left > 0 && step < STEPS_MAX && step(); step++) {
            at = path.reachable(at);
            Regime regime = path.at(at);
            double pace =
                    now.perSecond() * Math.max(0.01, shares.share(regime, AttemptBucket.FIRST, AttemptEnd.DELIVERED));
            double need = left / pace;
            double room = path.endOf(at) - at;
            if (need <= room) {
                return at + need;
            }
            left -= room * pace;
            at = path.endOf(at);
        }
        return at;
    }

    private double waitAfter(Regime regime, int attempt) {
        double own = plan.waitSeconds(attempt, random);
        AttemptBucket bucket = AttemptBucket.of(attempt);
        boolean throttled = askedSeconds > own
                && random.nextDouble() * shares.retry(regime, bucket)
                        < shares.share(regime, bucket, AttemptEnd.THROTTLED);
        return throttled ? askedSeconds : own;
    }

    /**
     * When the last of these changes, which make their attempts together, is over; counts those dead within the hour.
     *
     * @param underWay whether their first attempts are under way
     */
    private double cohort(long changes, int firstAttempt, double from, boolean underWay) {
        long left = changes;
        int attempt = firstAttempt;
        double at = from;
        for (int step = 0; left > 0 && step < STEPS_MAX && step(); step++) {
            at = reached(at, attempt);
            Regime regime = path.at(at);
            AttemptBucket bucket = AttemptBucket.of(attempt);
            double counted = 1 - shares.share(regime, bucket, AttemptEnd.SPARED);
            double refusing = shares.share(regime, bucket, AttemptEnd.REFUSED) / counted;
            double retrying = shares.retry(regime, bucket) / counted;
            long refused = drawn(left, refusing);
            long retry = drawn(left - refused, Math.min(1, retrying / Math.max(1e-9, 1 - refusing)));
            boolean allDelivered = refused + retry == 0;
            at += underWay && step == 0
                    ? now.attempts().left(left, random)
                    : now.attempts().longest(allDelivered ? left : refused + retry, allDelivered, random);
            dead += at <= HOUR ? refused + (plan.isLast(attempt) ? retry : 0) : 0;
            left = plan.isLast(attempt) ? 0 : retry;
            if (left > 0) {
                at += waitAfter(regime, attempt);
                attempt++;
            }
        }
        return at;
    }

    /** When an attempt that is due is made and counts: one that finds the target down is made again when it is back. */
    private double reached(double due, int attempt) {
        double at = path.reachable(due);
        for (int step = 0; step < STEPS_MAX && step(); step++) {
            double spared = shares.share(path.at(at), AttemptBucket.of(attempt), AttemptEnd.SPARED);
            if (random.nextDouble() >= spared) {
                return at;
            }
            path.down(at);
            at = path.reachable(at);
        }
        return at;
    }

    private double oneAt;

    /** Whether a new change is delivered, and when, if those before it are tried until then. */
    private boolean one(double from) {
        double at = from;
        int attempt = 1;
        for (int step = 0; step < STEPS_MAX && step(); step++) {
            at = reached(at, attempt);
            Regime regime = path.at(at);
            AttemptBucket bucket = AttemptBucket.of(attempt);
            double counted = 1 - shares.share(regime, bucket, AttemptEnd.SPARED);
            double level = random.nextDouble() * counted;
            level -= shares.share(regime, bucket, AttemptEnd.DELIVERED);
            at += now.attempts().drawn(level < 0, random);
            oneAt = at;
            if (level < 0) {
                return true;
            }
            level -= shares.share(regime, bucket, AttemptEnd.REFUSED);
            if (level < 0 || plan.isLast(attempt)) {
                return false;
            }
            at += waitAfter(regime, attempt);
            attempt++;
        }
        return false;
    }

    /** The probability that a new change is delivered, on this path. */
    private double chance() {
        double left = 1;
        double arrived = 0;
        double at = 0;
        for (int attempt = 1; left > 1e-9 && attempt < STEPS_MAX; attempt++) {
            at = path.reachable(at);
            Regime regime = path.at(at);
            AttemptBucket bucket = AttemptBucket.of(attempt);
            double counted = 1 - shares.share(regime, bucket, AttemptEnd.SPARED);
            arrived += left * shares.share(regime, bucket, AttemptEnd.DELIVERED) / counted;
            left *= plan.isLast(attempt) ? 0 : shares.retry(regime, bucket) / counted;
            at += plan.waitSeconds(attempt);
        }
        return Math.min(1, arrived);
    }

    private long drawn(long of, double probability) {
        if (of <= SMALL) {
            long number = 0;
            for (long i = 0; i < of; i++) {
                number += random.nextDouble() < probability ? 1 : 0;
            }
            return number;
        }
        double mean = of * probability;
        double drawn = mean + random.nextGaussian() * Math.sqrt(mean * (1 - probability));
        return Math.max(0, Math.min(of, Math.round(drawn)));
    }

    /** Until a new change is delivered, in seconds. */
    double[] secondsToConsistency() {
        return drawn(single);
    }

    /** Until nothing of what waits now waits any more, in seconds. */
    double[] drainedSeconds() {
        return drawn(drained);
    }

    /** How many of the changes that wait now are dead letters within the hour. */
    Quantiles deadWithinHour() {
        return Quantiles.of(drawn(deadInHour));
    }

    double expectedDeadWithinHour() {
        return Arrays.stream(drawn(deadInHour)).average().orElse(0);
    }

    /** The probability of delivery. */
    Quantiles delivered() {
        return Quantiles.of(drawn(delivered));
    }

    /** The probabilities to be in each regime in an hour. */
    double[] inAnHour() {
        return Arrays.stream(inAnHour).map(number -> number / paths).toArray();
    }

    private double[] drawn(double[] values) {
        return Arrays.copyOf(values, paths);
    }
}
