package dev.serai.forecast;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * One way in which the regimes of a target may go on from now, drawn as far as it is asked for.
 *
 * <p>Threads: one thread at a time.
 */
final class RegimePath {
    private static final int PERIODS_MAX = 10_000;
    private static final int PERIODS_AT_FIRST = 16;
    private static final double SHORTEST = 0.1;

    private final RegimeModel model;
    private final RandomGenerator random;
    private Regime[] regimes = new Regime[PERIODS_AT_FIRST];
    /** When each of them ends, in seconds from now. */
    private double[] ends = new double[PERIODS_AT_FIRST];

    private int size;
    /** Where the last look ended: the next one is mostly about the same period or the one after it. */
    private int last;

    /** @param ageSeconds how long the present regime has lasted */
    RegimePath(RegimeModel model, Regime now, double ageSeconds, RandomGenerator random) {
        this.model = model;
        this.random = random;
        add(now, model.durations(now).residual(ageSeconds, random.nextDouble()));
    }

    private void add(Regime regime, double end) {
        if (size == ends.length) {
            regimes = Arrays.copyOf(regimes, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
        }
        regimes[size] = regime;
        ends[size++] = end;
    }

    /** The first period that ends after this time, or the last one that may be drawn. */
    private int indexAt(double seconds) {
        while (ends[size - 1] <= seconds && size < PERIODS_MAX) {
            Regime next = model.next(regimes[size - 1], random);
            double lasts = Math.max(SHORTEST, model.durations(next).residual(0, random.nextDouble()));
            add(next, ends[size - 1] + lasts);
        }
        if (last > 0 && ends[last - 1] > seconds) { // it goes back, as with each group of changes
            last = Arrays.binarySearch(ends, 0, last, seconds);
            last = last < 0 ? -last - 1 : last;
        }
        while (last < size - 1 && ends[last] <= seconds) {
            last++;
        }
        return last;
    }

    Regime at(double seconds) {
        int index = indexAt(seconds); // before the array is read, which it may replace
        return regimes[index];
    }

    /** When the regime that is in force at this time ends. */
    double endOf(double seconds) {
        int index = indexAt(seconds);
        return ends[index];
    }

    /** The first time from this one on at which the target is not down. */
    double reachable(double seconds) {
        double at = seconds;
        for (int i = indexAt(at); regimes[i] == Regime.DOWN && ends[i] > at; i = indexAt(at)) {
            at = ends[i];
        }
        return at;
    }

    /** An attempt at this time finds that the target is down: what was drawn after it is drawn anew. */
    void down(double seconds) {
        int index = indexAt(seconds);
        size = index + 1;
        ends[index] = seconds;
        add(
                Regime.DOWN,
                seconds + Math.max(SHORTEST, model.durations(Regime.DOWN).residual(0, random.nextDouble())));
    }
}
