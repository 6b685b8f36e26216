package dev.serai.forecast;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The regimes of a target as a semi-Markov process: how long each lasts, and which one follows.
 *
 * <p>Threads: safe.
 */
public final class RegimeModel {
    /** The medians of the priors, in the order of the regimes. */
    private static final double[] PRIOR_MEDIAN_SECONDS = {86_400, 300, 900, 300};
    /** Before anything was seen: which regime follows which. UP follows the others; from UP the others are equally likely. */
    private static final double[][] PRIOR_EXITS = {
        {0, 1 / 3.0, 1 / 3.0, 1 / 3.0},
        {0.8, 0, 0.1, 0.1},
        {0.8, 0.1, 0, 0.1},
        {0.8, 0.1, 0.1, 0}
    };
    /** The longest step for which one term after the linear one is exact enough, in units of the shortest mean. */
    private static final double STEP = 0.01;
    /** So many of the newest periods of a regime are used. */
    private static final int PERIODS_MAX = 200;

    private final Durations[] durations = new Durations[Regime.COUNT];
    private final double[][] exits = new double[Regime.COUNT][Regime.COUNT];
    private final double[] means = new double[Regime.COUNT];
    /** By the time. */
    private final Map<Double, double[][]> computed = new ConcurrentHashMap<>();

    /** @param periods in any order; of each at most the newest {@value #PERIODS_MAX} count */
    public RegimeModel(List<RegimePeriod> periods) {
        List<RegimePeriod> ordered = new ArrayList<>(periods);
        ordered.sort(Comparator.comparingLong(RegimePeriod::startMillis));
        for (int from = 0; from < Regime.COUNT; from++) {
            Regime regime = Regime.at(from);
            List<RegimePeriod> own =
                    ordered.stream().filter(period -> period.regime() == regime).toList();
            durations[from] = new Durations(
                    own.subList(Math.max(0, own.size() - PERIODS_MAX), own.size()), PRIOR_MEDIAN_SECONDS[from]);
            means[from] = durations[from].mean();
            exits[from] = PRIOR_EXITS[from].clone();
        }
        for (int i = 1; i < ordered.size(); i++) {
            RegimePeriod before = ordered.get(i - 1);
            RegimePeriod after = ordered.get(i);
            if (before.ended() && before.endMillis() == after.startMillis() && before.regime() != after.regime()) {
                exits[before.regime().ordinal()][after.regime().ordinal()]++;
            }
        }
        for (double[] row : exits) {
            double sum = 0;
            for (double weight : row) {
                sum += weight;
            }
            for (int to = 0; to < row.length; to++) {
                row[to] /= sum;
            }
        }
    }

    public Durations durations(Regime regime) {
        return durations[regime.ordinal()];
    }

    /** The probability that this regime follows that one. */
    public double exit(Regime from, Regime to) {
        return exits[from.ordinal()][to.ordinal()];
    }

    /** The regime that follows. */
    Regime next(Regime from, RandomGenerator random) {
        double level = random.nextDouble();
        double[] row = exits[from.ordinal()];
        for (int to = 0; to < row.length; to++) {
            level -= row[to];
            if (level < 0) {
                return Regime.at(to);
            }
        }
        return from == Regime.UP ? Regime.DOWN : Regime.UP;
    }

    /**
     * The probabilities to be in each regime after a time, by the one at its begin: the exponential of the rates that the mean durations
     * and the exits make. It forgets how long the regime has lasted; {@link RegimePath} does not.
     */
    public double[][] after(double seconds) {
        return computed.computeIfAbsent(seconds, this::exponential);
    }

    private double[][] exponential(double seconds) {
        DMatrixRMaj rates = new DMatrixRMaj(Regime.COUNT, Regime.COUNT);
        double fastest = 0;
        for (int from = 0; from < Regime.COUNT; from++) {
            double rate = 1 / Math.max(1, means[from]);
            fastest = Math.max(fastest, rate);
            for (int to = 0; to < Regime.COUNT; to++) {
                rates.set(from, to, to == from ? -rate : rate * exits[from][to]);
            }
        }
        int halvings = 0;
        double step = seconds;
        while (step * fastest > STEP) {
            step /= 2;
            halvings++;
        }
        DMatrixRMaj linear = rates.copy();
        CommonOps_DDRM.scale(step, linear);
        DMatrixRMaj result = CommonOps_DDRM.identity(Regime.COUNT);
        DMatrixRMaj square = new DMatrixRMaj(Regime.COUNT, Regime.COUNT);
        CommonOps_DDRM.mult(linear, linear, square);
        CommonOps_DDRM.addEquals(result, linear);
        CommonOps_DDRM.addEquals(result, 0.5, square);
        for (int i = 0; i < halvings; i++) {
            DMatrixRMaj twice = new DMatrixRMaj(Regime.COUNT, Regime.COUNT);
            CommonOps_DDRM.mult(result, result, twice);
            result = twice;
        }
        double[][] rows = new double[Regime.COUNT][Regime.COUNT];
        for (int from = 0; from < Regime.COUNT; from++) {
            for (int to = 0; to < Regime.COUNT; to++) {
                rows[from][to] = result.get(from, to);
            }
        }
        return rows;
    }
}
