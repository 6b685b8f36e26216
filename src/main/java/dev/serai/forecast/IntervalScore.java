package dev.serai.forecast;

import dev.serai.forecast.ForetoldTime.Horizon;
import java.util.Arrays;

/**
 * How often foretold times came true, and what follows for the next ones. The level at which a quantile is read from the drawn times
 * rises when the actual time was above the quantile, and falls when it was not, so that in the long run the quantile is what it says
 * whatever the model: adaptive conformal inference (Gibbs and Candès, 2021), on the logit of the level, with steps that become smaller
 * with the number of outcomes (Angelopoulos, Barber and Bates, 2024), for each regime alone.
 *
 * <p>Threads: one thread at a time.
 */
public final class IntervalScore {
    /** With fewer outcomes the levels have hardly moved: the intervals are still those of the model. */
    public static final long OUTCOMES_ENOUGH = 30;

    private static final double[] LEVELS = {0.05, 0.5, 0.8, 0.95};
    /** How far the logit of a level moves at most after one outcome: at first, and after many. */
    private static final double[] FIRST_STEPS = {0.4, 0.1, 0.2, 0.4};

    private static final double[] LAST_STEPS = {0.1, 0.03, 0.05, 0.1};
    private static final double STEPS = 4;
    private static final double SHIFT_MAX = 6;
    private static final int CELLS = Horizon.COUNT * Regime.COUNT * LEVELS.length;

    private final long[] outcomes = new long[CELLS];
    /** How many of them were at or below the quantile. */
    private final long[] below = new long[CELLS];

    private final double[] shift = new double[CELLS];

    /** What is stored of one quantile: how many outcomes there were, how many of them at or below it, and by how much its logit has moved. */
    public interface Reader {
        void read(int cell, long outcomes, long below, double shift);
    }

    private static int cell(Horizon horizon, Regime regime, int level) {
        return (horizon.ordinal() * Regime.COUNT + regime.ordinal()) * LEVELS.length + level;
    }

    /**
     * What to publish.
     *
     * @param regime in which it is foretold
     * @param drawn times that the model drew, in seconds, infinite for never
     */
    ForetoldTime foretell(Horizon horizon, Regime regime, double[] drawn) {
        double[] sorted = drawn.clone();
        Arrays.sort(sorted);
        double[] values = new double[LEVELS.length];
        double[] steps = new double[LEVELS.length];
        for (int level = 0; level < LEVELS.length; level++) {
            int cell = cell(horizon, regime, level);
            double by = Math.max(-SHIFT_MAX, Math.min(SHIFT_MAX, shift[cell]));
            values[level] = Quantiles.atLogit(sorted, Math.log(LEVELS[level] / (1 - LEVELS[level])) + by);
            steps[level] = Math.max(LAST_STEPS[level], STEPS / (STEPS / FIRST_STEPS[level] + outcomes[cell]));
        }
        Arrays.sort(values);
        return new ForetoldTime(horizon, regime, new Quantiles(values[0], values[1], values[2], values[3]), steps);
    }

    /**
     * The time is known.
     *
     * @param actual seconds, infinite for never
     * @param others how many times of the same horizon were not known yet when this one was foretold: they often end together, for one
     *     reason, and so move the levels less
     */
    public void learn(ForetoldTime foretold, double actual, int others) {
        Quantiles published = foretold.quantiles();
        double[] values = {published.p5(), published.p50(), published.p80(), published.p95()};
        for (int level = 0; level < LEVELS.length; level++) {
            int cell = cell(foretold.horizon(), foretold.regime(), level);
            boolean isBelow = actual <= values[level];
            outcomes[cell]++;
            below[cell] += isBelow ? 1 : 0;
            shift[cell] += foretold.step(level) / (1 + others) * (LEVELS[level] - (isBelow ? 1 : 0));
        }
    }

    /** How many times of this horizon are known. */
    public long outcomes(Horizon horizon) {
        return sum(outcomes, horizon, 0);
    }

    /** The share of them that were in their 90 % interval, from 0 to 1; 0 if none is known. */
    public double within90(Horizon horizon) {
        long known = outcomes(horizon);
        return known == 0 ? 0 : (double) (sum(below, horizon, LEVELS.length - 1) - sum(below, horizon, 0)) / known;
    }

    private static long sum(long[] cells, Horizon horizon, int level) {
        long sum = 0;
        for (int regime = 0; regime < Regime.COUNT; regime++) {
            sum += cells[cell(horizon, Regime.at(regime), level)];
        }
        return sum;
    }

    public void addAll(IntervalScore other) {
        other.forEach(this::restore);
    }

    /** Adds what was stored. */
    public void restore(int cell, long known, long atOrBelow, double by) {
        if (cell < CELLS) { // a later version may know more
            outcomes[cell] += known;
            below[cell] += atOrBelow;
            shift[cell] += by;
        }
    }

    public void forEach(Reader reader) {
        for (int cell = 0; cell < CELLS; cell++) {
            if (outcomes[cell] > 0) {
                reader.read(cell, outcomes[cell], below[cell], shift[cell]);
            }
        }
    }

    /** What was scored; this one begins at 0 again. */
    public IntervalScore drain() {
        IntervalScore drained = new IntervalScore();
        drained.addAll(this);
        Arrays.fill(outcomes, 0);
        Arrays.fill(below, 0);
        Arrays.fill(shift, 0);
        return drained;
    }
}
