package dev.serai.forecast;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How long attempts take, in seconds, as a sample of those that deliver and of those that do not.
 *
 * <p>Threads: safe.
 */
public final class AttemptSeconds {
    /**
     * The newest attempts: at most {@value #KEPT} that delivered, and as many that did not.
     *
     * <p>Threads: one thread at a time.
     */
    public static final class Newest {
        private static final int KEPT = 256;

        private final double[] delivered = new double[KEPT];
        private final double[] failed = new double[KEPT];
        private long deliveries;
        private long failures;

        public void add(AttemptEnd end, double seconds) {
            if (end.isSuccess()) {
                delivered[(int) (deliveries++ % KEPT)] = seconds;
            } else {
                failed[(int) (failures++ % KEPT)] = seconds;
            }
        }

        /**
         * How long they took. Of the kind that there was none of, it is the time of the other kind.
         *
         * @param otherwise seconds, if there was no attempt at all
         */
        public AttemptSeconds seconds(double otherwise) {
            double[] some = Arrays.copyOf(delivered, (int) Math.min(KEPT, deliveries));
            double[] others = Arrays.copyOf(failed, (int) Math.min(KEPT, failures));
            if (some.length == 0 && others.length == 0) {
                return always(otherwise);
            }
            return new AttemptSeconds(some.length == 0 ? others : some, others.length == 0 ? some : others);
        }
    }

    /** So many are drawn one by one; more make hardly a difference. */
    private static final int UNDER_WAY_MAX = 64;

    private final double[] delivered;
    private final double[] failed;
    /** The sums of the times that deliver, until each of them. */
    private final double[] sums;

    /** At least one time of each kind, in any order. */
    AttemptSeconds(double[] delivered, double[] failed) {
        this.delivered = sorted(delivered);
        this.failed = sorted(failed);
        this.sums = this.delivered.clone();
        Arrays.parallelPrefix(sums, Double::sum);
    }

    /** All attempts take the same time. */
    public static AttemptSeconds always(double seconds) {
        return new AttemptSeconds(new double[] {seconds}, new double[] {seconds});
    }

    private static double[] sorted(double[] seconds) {
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** The time of one attempt. */
    double drawn(boolean delivers, RandomGenerator random) {
        double[] times = delivers ? delivered : failed;
        return times[random.nextInt(times.length)];
    }

    /** The longest of so many attempts that begin together. */
    double longest(long attempts, boolean deliver, RandomGenerator random) {
        double[] times = deliver ? delivered : failed;
        double level = Math.pow(random.nextDouble(), 1.0 / attempts);
        return times[(int) Math.min(times.length - 1L, (long) (level * times.length))];
    }

    /**
     * What is left of the longest of so many attempts that are under way. A moment finds an attempt the more likely the longer it takes,
     * so it is a point on the line that all of them make together.
     */
    double left(long underWay, RandomGenerator random) {
        double longest = 0;
        for (long i = 0; i < Math.min(UNDER_WAY_MAX, underWay); i++) {
            double point = random.nextDouble() * sums[sums.length - 1];
            int at = Arrays.binarySearch(sums, point);
            int end = at < 0 ? -at - 1 : at;
            longest = Math.max(longest, sums[Math.min(end, sums.length - 1)] - point);
        }
        return longest;
    }
}
