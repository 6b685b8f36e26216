package dev.serai.forecast;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What will become of the changes of a target.
 *
 * @param inAnHour the probabilities to be in each regime in an hour
 * @param delivered the probability that a change accepted now is delivered, and the interval of it
 * @param dead the probability that it becomes a dead letter
 * @param attempts how many counted attempts it takes on average
 * @param toConsistency until it is delivered
 * @param drained until nothing of what waits now waits any more
 * @param deadWithinHour how many of those that wait now are dead letters within the hour, and the mean of it
 * @param budgets by the wished probability: how many redeliveries reach it; empty if none do
 * @param states the names of the rows of the matrix
 * @param matrix the chain of a new change, as {@link DeliveryChain#matrix}
 * @param observed how many attempts it is made of
 */
public record Forecast(
        Map<Regime, Double> inAnHour,
        double delivered,
        Quantiles deliveredInterval,
        double dead,
        double attempts,
        ForetoldTime toConsistency,
        ForetoldTime drained,
        double expectedDeadWithinHour,
        Quantiles deadWithinHour,
        Map<Double, OptionalInt> budgets,
        List<String> states,
        double[][] matrix,
        long observed) {
    private static final List<Double> WISHED = List.of(0.99, 0.999, 0.9999);

    /**
     * Makes the forecast; takes some tens of milliseconds.
     *
     * @param counts of attempts, of a time that is like the present
     * @param periods the regimes until now, with the running one
     * @param scored how times that were foretold before came true
     */
    public static Forecast of(
            ChainCounts counts, List<RegimePeriod> periods, RetryPlan plan, TargetLoad now, IntervalScore scored) {
        RegimeModel regimes = new RegimeModel(periods);
        DeliveryChain chain = new DeliveryChain(new TransitionShares(counts), regimes, plan, counts.askedSeconds());
        ConsistencyPaths paths = new ConsistencyPaths(counts, regimes, plan, now);
        paths.run();
        Map<Regime, Double> inAnHour = new EnumMap<>(Regime.class);
        double[] shares = paths.inAnHour();
        for (Regime regime : Regime.values()) {
            inAnHour.put(regime, shares[regime.ordinal()]);
        }
        Map<Double, OptionalInt> budgets = new TreeMap<>();
        WISHED.forEach(wished -> budgets.put(wished, chain.budget(wished, now.regime())));
        return new Forecast(
                inAnHour,
                chain.delivered(1, now.regime()),
                paths.delivered(),
                chain.dead(1, now.regime()),
                chain.attempts(now.regime()),
                scored.foretell(ForetoldTime.Horizon.DELIVERED, now.regime(), paths.secondsToConsistency()),
                scored.foretell(ForetoldTime.Horizon.DRAINED, now.regime(), paths.drainedSeconds()),
                paths.expectedDeadWithinHour(),
                paths.deadWithinHour(),
                budgets,
                chain.states(),
                chain.matrix(now.regime()),
                counts.attempts());
    }
}
