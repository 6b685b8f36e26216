package dev.serai.forecast;

import java.util.Arrays;

/**
 * Where the drawn values lie: a twentieth of them is below p5, and a twentieth above p95.
 *
 * @param p5 infinite, like the others, if it never happens
 */
public record Quantiles(double p5, double p50, double p80, double p95) {

    /** A level that was turned into its logit and back is the same again to as many parts. */
    private static final double EXACT = 1e9;

    /** Of at least one value. */
    static Quantiles of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Quantiles(at(sorted, 0.05), at(sorted, 0.5), at(sorted, 0.8), at(sorted, 0.95));
    }

    private static double at(double[] sorted, double level) {
        return sorted[(int) Math.min(sorted.length - 1L, Math.max(0, Math.round(level * sorted.length - 0.5)))];
    }

    /**
     * The value at the level with this logit. Beyond the levels of the lowest and the highest value, that value is made smaller or larger
     * by a factor, of which the logarithm is what is left of the logit.
     */
    static double atLogit(double[] sorted, double logit) {
        double last = Math.log(2.0 * sorted.length - 1);
        double inside = Math.max(-last, Math.min(last, logit));
        double level = Math.rint(EXACT / (1 + Math.exp(-inside))) / EXACT;
        return at(sorted, level) * Math.exp(logit - inside);
    }
}
