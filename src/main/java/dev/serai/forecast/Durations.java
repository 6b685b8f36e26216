package dev.serai.forecast;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * How long a regime lasts: the estimate of Susarla and Van Ryzin (1976), which is that of Kaplan and Meier with a Dirichlet process as
 * prior. It takes censored durations, needs no shape, and without data it is the prior, which is wide.
 *
 * <p>Between two observed durations the estimate falls evenly, as many new durations lie there as in each other gap: without that
 * they would lie close to the observed ones, and intervals out of few durations would be too narrow.
 *
 * <p>The prior is a Pareto distribution of the second kind with the shape {@value #SHAPE}, and counts like one observation.
 *
 * <p>Threads: safe.
 */
public final class Durations {
    private static final double SHAPE = 1.5;
    private static final double PRIOR_WEIGHT = 1;
    private static final double SECONDS_MAX = 90 * 86_400.0;
    private static final double SECONDS_MIN = 0.1;
    private static final int GRID = 96;

    private final double priorScale;
    /** All durations in order, those of them that were censored, and the others. */
    private final double[] all;

    private final double[] censored;
    private final double[] complete;
    /** Where the survival is known; in between it is interpolated. */
    private final double[] seconds;

    private final double[] survival;

    /** @param priorMedianSeconds the median of the prior */
    public Durations(List<RegimePeriod> periods, double priorMedianSeconds) {
        this.priorScale = priorMedianSeconds / (Math.pow(2, 1 / SHAPE) - 1);
        this.all = periods.stream().mapToDouble(RegimePeriod::seconds).sorted().toArray();
        this.censored = sorted(periods, false);
        this.complete = sorted(periods, true);
        TreeSet<Double> points = new TreeSet<>(List.of(0.0));
        for (int i = 0; i <= GRID; i++) {
            points.add(SECONDS_MIN * Math.pow(SECONDS_MAX / SECONDS_MIN, (double) i / GRID));
        }
        Arrays.stream(all).filter(value -> value < SECONDS_MAX).forEach(points::add);
        this.seconds = points.stream().mapToDouble(Double::doubleValue).toArray();
        this.survival = Arrays.stream(seconds).map(this::estimate).toArray();
    }

    private static double[] sorted(List<RegimePeriod> periods, boolean ended) {
        return periods.stream()
                .filter(period -> period.ended() == ended)
                .mapToDouble(RegimePeriod::seconds)
                .sorted()
                .toArray();
    }

    private double prior(double time) {
        return PRIOR_WEIGHT * Math.pow(1 + time / priorScale, -SHAPE);
    }

    /** How many of the ordered values are higher than the value, or as high. */
    private static int count(double[] ordered, double value, boolean orEqual) {
        int low = 0;
        int high = ordered.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            boolean above = orEqual ? ordered[middle] >= value : ordered[middle] > value;
            if (above) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return ordered.length - low;
    }

    /** How many complete durations are longer, less the part of the gap to the next of them that is over. */
    private double evenly(double time) {
        int longer = count(complete, time, false);
        if (longer == 0) {
            return 0;
        }
        int next = complete.length - longer;
        double from = next == 0 ? 0 : complete[next - 1];
        return longer - (time - from) / (complete[next] - from);
    }

    private double estimate(double time) {
        double longer = count(censored, time, false) + evenly(time);
        double product = (prior(time) + longer) / (PRIOR_WEIGHT + all.length);
        int i = 0;
        while (i < censored.length && censored[i] <= time) {
            int ties = 1;
            while (i + ties < censored.length && censored[i + ties] == censored[i]) {
                ties++;
            }
            double atRisk = prior(censored[i]) + count(all, censored[i], true);
            product *= atRisk / (atRisk - ties);
            i += ties;
        }
        return product;
    }

    /** The probability that it lasts longer. */
    public double survival(double time) {
        if (time <= 0) {
            return survival[0];
        }
        if (time >= seconds[seconds.length - 1]) {
            return survival[survival.length - 1];
        }
        int at = Arrays.binarySearch(seconds, time);
        if (at >= 0) {
            return survival[at];
        }
        int above = -at - 1;
        double part = (time - seconds[above - 1]) / (seconds[above] - seconds[above - 1]);
        return survival[above - 1] + part * (survival[above] - survival[above - 1]);
    }

    /**
     * How much longer it lasts.
     *
     * @param age how long it has lasted
     * @param level the part of all cases in which it ends earlier, from 0 to 1
     * @return at most what is left of 90 days
     */
    public double residual(double age, double level) {
        double wanted = survival(age) * (1 - level);
        int low = 0;
        int high = seconds.length - 1;
        if (survival[high] >= wanted) {
            return Math.max(0, seconds[high] - age);
        }
        while (low < high) { // the first point that is lower
            int middle = (low + high) >>> 1;
            if (survival[middle] < wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low == 0) {
            return 0;
        }
        double drop = survival[low - 1] - survival[low];
        double part = drop <= 0 ? 1 : (survival[low - 1] - wanted) / drop;
        return Math.max(0, seconds[low - 1] + part * (seconds[low] - seconds[low - 1]) - age);
    }

    /** The mean, of which nothing beyond 90 days counts. */
    public double mean() {
        double sum = 0;
        for (int i = 1; i < seconds.length; i++) {
            sum += (seconds[i] - seconds[i - 1]) * (survival[i] + survival[i - 1]) / 2;
        }
        return sum;
    }
}
