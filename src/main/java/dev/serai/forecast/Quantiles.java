package dev.serai.forecast;

import java.util.Arrays;

/**
 * Where the drawn values lie: a twentieth of them is below p5, and a twentieth above p95.
 *
 * @param p5 infinite, like the others, if it never happens
 */
public record Quantiles(double p5, double p50, double p80, double p95) {

    /** Of at least one value. */
    static Quantiles of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Quantiles(at(sorted, 0.05), at(sorted, 0.5), at(sorted, 0.8), at(sorted, 0.95));
    }

    private static double at(double[] sorted, double level) {
        return sorted[(int) Math.min(sorted.length - 1L, Math.max(0, Math.round(level * sorted.length - 0.5)))];
    }
}
