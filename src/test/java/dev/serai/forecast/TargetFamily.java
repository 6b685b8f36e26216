package dev.serai.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Kinds of targets that forecasts are scored on, with fixed behaviour in virtual time (in seconds). */
enum TargetFamily {
    /** Each attempt fails in one of ten cases, whatever happened before. */
    INDEPENDENT_FAILURES,
    /** Two hours up on average, then about ten minutes of nothing. */
    OUTAGES,
    /** One request a second, ten at once; the changes come in bursts of sixty. */
    THROTTLING,
    /** Nine of ten attempts fail from midnight to six o'clock. */
    DAILY_RHYTHM,
    /** The share of failures grows from one to forty in a hundred. */
    SLOW_DECAY,
    /** One of twenty keys always fails. */
    ONE_BAD_KEY,
    /** Two in a hundred fail, and fifteen in the second half. */
    DRIFT,
    /** Twenty seconds up and twenty down on average. */
    FLAPPING,
    /** Minutes in which most fail, one in seven of all minutes. */
    BATCH_EFFECTS,
    /** Outages, after which the target takes five changes a second for three minutes. */
    RECOVERY_STORMS,
    /** Two hours up on average, then twenty minutes of maintenance, give or take half a minute. */
    MAINTENANCE;

    static final double SECONDS = 3 * 86_400;
    static final int KEYS = 20;

    /** How long an attempt takes; throttling answers at once. */
    static double attemptSeconds(AttemptEnd end, RandomGenerator random) {
        return (end == AttemptEnd.THROTTLED ? 0.01 : 0.08) * Math.exp(0.5 * random.nextGaussian());
    }

    boolean hasLongOutages() {
        return this == OUTAGES || this == RECOVERY_STORMS || this == MAINTENANCE;
    }

    double outageSeconds(RandomGenerator random) {
        return switch (this) {
            case FLAPPING -> -20 * Math.log(1 - random.nextDouble());
            case MAINTENANCE -> 1_200 + 60 * (random.nextDouble() - 0.5);
            default -> 600 * Math.exp(0.5 * random.nextGaussian());
        };
    }

    /**
     * The least median error of a time that somebody can tell who knows how long outages last, and that this one has lasted for so long.
     *
     * @param ofAll whether it is relative to the time from the begin of the outage, and not to the time that is left
     */
    double leastError(double age, boolean ofAll) {
        RandomGenerator random = new SplittableRandom(1);
        double[] left = DoubleStream.generate(() -> outageSeconds(random) - age)
                .filter(seconds -> seconds > 0)
                .limit(2_001)
                .sorted()
                .toArray();
        return IntStream.range(0, 200)
                .mapToDouble(i -> left[i * 10])
                .map(told -> Arrays.stream(left)
                        .map(actual -> Math.abs(told - actual) / (actual + (ofAll ? age : 0)))
                        .sorted()
                        .skip(left.length / 2)
                        .findFirst()
                        .orElseThrow())
                .min()
                .orElseThrow();
    }

    /** What one target does. */
    static final class Behaviour {
        private final TargetFamily family;
        private final RandomGenerator random;
        /** The begins and ends of outages. */
        final List<double[]> outages = new ArrayList<>();

        private int next;
        private double tokens = 10;
        private double tokensAt;
        private long second;
        private int inSecond;
        private long minute = -1;
        private boolean isBadMinute;

        Behaviour(TargetFamily family, RandomGenerator random) {
            this.family = family;
            this.random = random;
            double up = family == FLAPPING ? 20 : 7_200;
            double at = 0;
            while (at < SECONDS) {
                double begin = at - up * Math.log(1 - random.nextDouble());
                double lasts = family.outageSeconds(random);
                outages.add(new double[] {begin, begin + lasts});
                at = begin + lasts;
            }
        }

        private boolean fails(double share) {
            return random.nextDouble() < share;
        }

        private AttemptEnd failing(double share) {
            return fails(share) ? AttemptEnd.FAILED : AttemptEnd.DELIVERED;
        }

        /** The outage that this time is in, or the last one before it; times must not go back. */
        private double[] outage(double time) {
            while (next < outages.size() && outages.get(next)[0] <= time) {
                next++;
            }
            return next == 0 ? new double[] {-1e9, -1e9} : outages.get(next - 1);
        }

        AttemptEnd attempt(double time, int key) {
            return switch (family) {
                case INDEPENDENT_FAILURES -> failing(0.1);
                case OUTAGES, FLAPPING, MAINTENANCE -> outage(time)[1] > time ? AttemptEnd.OUTAGE : failing(0.01);
                case THROTTLING -> throttled(time);
                case DAILY_RHYTHM -> failing(time % 86_400 < 6 * 3_600 ? 0.9 : 0.01);
                case SLOW_DECAY -> failing(0.01 + 0.39 * time / SECONDS);
                case ONE_BAD_KEY -> failing(key == 0 ? 1 : 0.01);
                case DRIFT -> failing(time < SECONDS / 2 ? 0.02 : 0.15);
                case BATCH_EFFECTS -> inBatches(time);
                case RECOVERY_STORMS -> inStorm(time);
            };
        }

        private AttemptEnd throttled(double time) {
            tokens = Math.min(10, tokens + (time - tokensAt));
            tokensAt = time;
            if (tokens < 1) {
                return AttemptEnd.THROTTLED;
            }
            tokens--;
            return failing(0.01);
        }

        private AttemptEnd inBatches(double time) {
            long now = (long) (time / 60);
            if (now != minute) {
                minute = now;
                isBadMinute = fails(1 / 7.0);
            }
            return failing(isBadMinute ? 0.8 : 0.01);
        }

        private AttemptEnd inStorm(double time) {
            double[] last = outage(time);
            if (last[1] > time) {
                return AttemptEnd.OUTAGE;
            }
            if ((long) time != second) {
                second = (long) time;
                inSecond = 0;
            }
            inSecond++;
            boolean isStorm = time - last[1] < 180;
            return isStorm && inSecond > 5 ? AttemptEnd.FAILED : failing(0.01);
        }
    }
}
