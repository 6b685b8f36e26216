package dev.serai.forecast;

import java.util.Arrays;

/**
 * How well attempts were foretold: the sums of the squared errors (Brier, 1950) and of the negative logarithms of the probabilities of what
 * happened, of the mixture and of each expert.
 *
 * <p>Threads: one thread at a time.
 */
public final class ForecastScore {
    /** The mixture, before the experts. */
    public static final int MIXTURE = 0;

    public static final int COLUMNS = 1 + Expert.COUNT;
    /** Below that a product of probabilities is turned into a sum of logarithms, which are dear. */
    private static final double PRODUCT_MIN = 1e-200;

    private long attempts;
    private final double[] brier = new double[COLUMNS];
    private final double[] logLoss = new double[COLUMNS];
    private final double[] product = new double[COLUMNS];

    public ForecastScore() {
        Arrays.fill(product, 1);
    }

    /** The column of an expert. */
    public static int column(Expert expert) {
        return 1 + expert.ordinal();
    }

    public void add(AttemptForecast foretold, AttemptEnd end) {
        attempts++;
        boolean success = end.isSuccess();
        add(MIXTURE, foretold.mixed, success);
        for (int i = 0; i < Expert.COUNT; i++) {
            add(1 + i, foretold.experts[i], success);
        }
    }

    private void add(int column, double delivered, boolean success) {
        double missed = success ? 1 - delivered : delivered;
        brier[column] += missed * missed;
        product[column] *= 1 - missed;
        if (product[column] < PRODUCT_MIN) {
            logLoss[column] -= Math.log(product[column]);
            product[column] = 1;
        }
    }

    /** Adds what was scored before or elsewhere. */
    public void addAll(ForecastScore other) {
        attempts += other.attempts;
        for (int i = 0; i < COLUMNS; i++) {
            brier[i] += other.brier[i];
            logLoss[i] += other.logLossSum(i);
        }
    }

    /** Adds what was stored of one column; the number of attempts is that of the mixture. */
    public void restore(int column, long count, double brierSum, double logLossSum) {
        attempts += column == MIXTURE ? count : 0;
        brier[column] += brierSum;
        logLoss[column] += logLossSum;
    }

    /** What was scored; this one begins at 0 again. */
    public ForecastScore drain() {
        ForecastScore drained = new ForecastScore();
        drained.addAll(this);
        attempts = 0;
        Arrays.fill(brier, 0);
        Arrays.fill(logLoss, 0);
        Arrays.fill(product, 1);
        return drained;
    }

    public long attempts() {
        return attempts;
    }

    public double brierSum(int column) {
        return brier[column];
    }

    public double logLossSum(int column) {
        return logLoss[column] - Math.log(product[column]);
    }

    /** The mean squared error, from 0 to 1; 0 without attempts. */
    public double brier(int column) {
        return attempts == 0 ? 0 : brierSum(column) / attempts;
    }

    /** The mean log loss, in nats; 0 without attempts. */
    public double logLoss(int column) {
        return attempts == 0 ? 0 : logLossSum(column) / attempts;
    }

    /** How much smaller the mixture's Brier score is than the plain success rate's: 1 is perfect, 0 is no better. */
    public double skill() {
        double plain = brierSum(column(Expert.PLAIN));
        return plain == 0 ? 0 : 1 - brierSum(MIXTURE) / plain;
    }
}
