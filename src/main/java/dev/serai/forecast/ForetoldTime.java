package dev.serai.forecast;

/**
 * A time that was foretold, until it is known and scored.
 *
 * <p>Threads: safe.
 */
public final class ForetoldTime {
    /** What it is the time of. The order must not change: scores are stored under it. */
    public enum Horizon {
        /** Until a new change is delivered. */
        DELIVERED,
        /** Until nothing of what waits now waits any more. */
        DRAINED;

        static final int COUNT = values().length;
    }

    private final Horizon horizon;
    private final Regime regime;
    private final Quantiles quantiles;
    private final double[] steps;

    /** @param steps how far the logit of each level moves at most once the time is known */
    ForetoldTime(Horizon horizon, Regime regime, Quantiles quantiles, double[] steps) {
        this.horizon = horizon;
        this.regime = regime;
        this.quantiles = quantiles;
        this.steps = steps;
    }

    Horizon horizon() {
        return horizon;
    }

    Regime regime() {
        return regime;
    }

    double step(int level) {
        return steps[level];
    }

    /** In seconds. */
    public Quantiles quantiles() {
        return quantiles;
    }
}
