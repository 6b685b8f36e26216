package dev.serai.reconcile;

/**
 * How many keys of all can differ when some random ones were compared: the upper limit of Clopper and Pearson, one-sided, at
 * 95 %. For none that differs it is 1 - 0.05^(1/n).
 */
final class SampleBound {
    private static final double DOUBT = 0.05;
    private static final int STEPS = 100;

    private SampleBound() {}

    /**
     * The share below which the true one is, unless the sample is one of the 5 % that mislead.
     *
     * @param differing how many of the compared keys differ
     * @param compared above 0
     * @return between 0 and 1
     */
    static double of(long differing, long compared) {
        if (differing >= compared) {
            return 1;
        }
        double low = (double) differing / compared;
        double high = 1;
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;
            if (atMost(differing, compared, middle) > DOUBT) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** The probability that at most so many of the compared keys differ, if this share of all does. */
    private static double atMost(long differing, long compared, double share) {
        double log = compared * Math.log1p(-share); // of the probability of exactly i
        double sum = Math.exp(log);
        for (long i = 1; i <= differing; i++) {
            log += Math.log((double) (compared - i + 1) / i) + Math.log(share) - Math.log1p(-share);
            sum += Math.exp(log);
        }
        return sum;
    }
}
