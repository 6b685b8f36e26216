package dev.serai.forecast;

import java.util.Arrays;

/**
 * Foretells whether an attempt succeeds: the Bayesian mixture of six experts, whose weights are shared a little after each attempt, so that
 * another expert can take over soon (Herbster and Warmuth, Tracking the Best Expert, 1998). Its log loss is never much higher than that of
 * the best expert.
 *
 * <p>Threads: one thread at a time.
 */
public final class AttemptMixture {
    /** The part of all weights that is shared evenly after attempt t is (t + 1000)^-1.5: all together cost 0.06 nats. */
    private static final double SHARED_OFFSET = 1_000;

    private static final double SHARED_POWER = -1.5;

    private static final double LONG_MEMORY = 0.998;
    private static final double SHORT_MEMORY = 0.95;
    /** No expert is surer than that. */
    private static final double SURE = 1e-4;

    private final SuccessRate plain = new SuccessRate(1);
    private final SuccessRate recent = new SuccessRate(SHORT_MEMORY);
    private final SuccessRate[] byAttempt = rates(AttemptBucket.COUNT, 1);
    private final SuccessRate[] byError = rates(AttemptEnd.COUNT, LONG_MEMORY);
    private final SuccessRate[] byBoth = rates(AttemptBucket.COUNT * AttemptEnd.COUNT, LONG_MEMORY);
    private final SuccessRate[] byRegime = rates(Regime.COUNT, LONG_MEMORY);
    private final double[] weights = new double[Expert.COUNT];
    private AttemptEnd last = AttemptEnd.DELIVERED;
    private long attempts;

    public AttemptMixture() {
        Arrays.fill(weights, 1.0 / Expert.COUNT);
    }

    private static SuccessRate[] rates(int number, double memory) {
        SuccessRate[] rates = new SuccessRate[number];
        Arrays.setAll(rates, i -> new SuccessRate(memory));
        return rates;
    }

    private static int both(AttemptBucket bucket, AttemptEnd last) {
        return bucket.ordinal() * AttemptEnd.COUNT + last.ordinal();
    }

    /** Foretells an attempt that is made now. */
    public AttemptForecast foretell(AttemptBucket bucket, Regime regime) {
        double[] experts = new double[Expert.COUNT];
        double all = plain.share(0.5, 1);
        double ofAttempt = byAttempt[bucket.ordinal()].share(all, 2);
        experts[Expert.PLAIN.ordinal()] = all;
        experts[Expert.EXPONENTIAL.ordinal()] = recent.share(all, 0.5);
        experts[Expert.ATTEMPT.ordinal()] = ofAttempt;
        experts[Expert.ERROR.ordinal()] = byError[last.ordinal()].share(all, 1);
        experts[Expert.CHAIN.ordinal()] = byBoth[both(bucket, last)].share(ofAttempt, 2);
        experts[Expert.REGIME.ordinal()] = byRegime[regime.ordinal()].share(all, 1);
        double mixed = 0;
        for (int i = 0; i < experts.length; i++) {
            experts[i] = Math.min(1 - SURE, Math.max(SURE, experts[i]));
            mixed += weights[i] * experts[i];
        }
        return new AttemptForecast(bucket, regime, last, experts, mixed);
    }

    /** Learns how an attempt ended that was foretold. */
    public void learn(AttemptForecast foretold, AttemptEnd end) {
        boolean success = end.isSuccess();
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= success ? foretold.experts[i] : 1 - foretold.experts[i];
            sum += weights[i];
        }
        double shared = Math.pow(SHARED_OFFSET + attempts++, SHARED_POWER);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (1 - shared) * weights[i] / sum + shared / weights.length;
        }
        plain.add(success);
        recent.add(success);
        byAttempt[foretold.bucket.ordinal()].add(success);
        byError[foretold.last.ordinal()].add(success);
        byBoth[both(foretold.bucket, foretold.last)].add(success);
        byRegime[foretold.regime.ordinal()].add(success);
        last = end;
    }

    /** How much an expert counts now; the sum is 1. */
    public double weight(Expert expert) {
        return weights[expert.ordinal()];
    }
}
