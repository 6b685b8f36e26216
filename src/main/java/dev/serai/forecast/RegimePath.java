package dev.serai.forecast;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One way in which the regimes of a target may go on from now, drawn as far as it is asked for.
 *
 * <p>Threads: one thread at a time.
 */
final class RegimePath {
    private static final int PERIODS_MAX = 10_000;
    private static final double SHORTEST = 0.1;

    private final RegimeModel model;
    private final RandomGenerator random;
    private final List<Regime> regimes = new ArrayList<>();
    /** When each of them ends, in seconds from now. */
    private final List<Double> ends = new ArrayList<>();

    /** @param ageSeconds how long the present regime has lasted */
    RegimePath(RegimeModel model, Regime now, double ageSeconds, RandomGenerator random) {
        this.model = model;
        this.random = random;
        regimes.add(now);
        ends.add(model.durations(now).residual(ageSeconds, random.nextDouble()));
    }

    private int indexAt(double seconds) {
        while (ends.get(ends.size() - 1) <= seconds && ends.size() < PERIODS_MAX) {
            Regime next = model.next(regimes.get(regimes.size() - 1), random);
            double lasts = Math.max(SHORTEST, model.durations(next).residual(0, random.nextDouble()));
            ends.add(ends.get(ends.size() - 1) + lasts);
            regimes.add(next);
        }
        int low = 0;
        int high = ends.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends.get(middle) > seconds) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    Regime at(double seconds) {
        return regimes.get(indexAt(seconds));
    }

    /** When the regime that is in force at this time ends. */
    double endOf(double seconds) {
        return ends.get(indexAt(seconds));
    }

    /** The first time from this one on at which the target is not down. */
    double reachable(double seconds) {
        double at = seconds;
        while (at(at) == Regime.DOWN && endOf(at) > at) {
            at = endOf(at);
        }
        return at;
    }

    /** An attempt at this time finds that the target is down: what was drawn after it is drawn anew. */
    void down(double seconds) {
        int index = indexAt(seconds);
        regimes.subList(index + 1, regimes.size()).clear();
        ends.subList(index + 1, ends.size()).clear();
        ends.set(index, seconds);
        regimes.add(Regime.DOWN);
        ends.add(seconds + Math.max(SHORTEST, model.durations(Regime.DOWN).residual(0, random.nextDouble())));
    }
}
