package dev.serai.forecast;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * With which probabilities an attempt ends how, by the regime and the number of the attempt: counts with a Dirichlet prior. That
 * of a regime is one pseudo-count in all; that of an attempt number is the mean of its regime, with the weight of two attempts.
 *
 * <p>Threads: safe.
 */
public final class TransitionShares {
    /** Before anything was seen, in the order of the ends. */
    private static final double[] PRIOR = {0.5, 0.2, 0.1, 0.1, 0.05, 0.05};

    private static final double BUCKET_WEIGHT = 2;

    private final double[][][] shares = new double[Regime.COUNT][AttemptBucket.COUNT][];

    /** The means. */
    public TransitionShares(ChainCounts counts) {
        fill(counts, null);
    }

    /** One draw out of what may be true after these counts. */
    TransitionShares(ChainCounts counts, RandomGenerator random) {
        fill(counts, random);
    }

    private void fill(ChainCounts counts, @Nullable RandomGenerator random) {
        for (int r = 0; r < Regime.COUNT; r++) {
            Regime regime = Regime.at(r);
            double[] weights = PRIOR.clone();
            for (int end = 0; end < AttemptEnd.COUNT; end++) {
                weights[end] += counts.ended(regime, AttemptEnd.at(end));
            }
            double[] mean = random == null ? normalized(weights) : drawn(weights, random);
            for (int b = 0; b < AttemptBucket.COUNT; b++) {
                double[] own = new double[AttemptEnd.COUNT];
                for (int end = 0; end < AttemptEnd.COUNT; end++) {
                    own[end] = BUCKET_WEIGHT * mean[end] + counts.get(regime, AttemptBucket.at(b), AttemptEnd.at(end));
                }
                shares[r][b] = random == null ? normalized(own) : drawn(own, random);
            }
        }
    }

    public double share(Regime regime, AttemptBucket bucket, AttemptEnd end) {
        return shares[regime.ordinal()][bucket.ordinal()][end.ordinal()];
    }

    /** The probability that a change waits for its next attempt after this one. */
    double retry(Regime regime, AttemptBucket bucket) {
        return share(regime, bucket, AttemptEnd.FAILED)
                + share(regime, bucket, AttemptEnd.OUTAGE)
                + share(regime, bucket, AttemptEnd.THROTTLED);
    }

    private static double[] normalized(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double[] shares = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            shares[i] = weights[i] / sum;
        }
        return shares;
    }

    /** A Dirichlet variate: gamma variates, normalized. */
    private static double[] drawn(double[] weights, RandomGenerator random) {
        double[] gammas = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            gammas[i] = Math.max(1e-12, gamma(weights[i], random));
        }
        return normalized(gammas);
    }

    /** Marsaglia and Tsang, A Simple Method for Generating Gamma Variables (2000). */
    private static double gamma(double shape, RandomGenerator random) {
        if (shape < 1) {
            return gamma(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
