package dev.serai.forecast;

/**
 * A share of successes that forgets.
 *
 * <p>Threads: one thread at a time.
 */
final class SuccessRate {
    private final double memory;
    private double successes;
    private double attempts;

    /** @param memory what of the weight of an attempt is left after the next one; 1 forgets nothing */
    SuccessRate(double memory) {
        this.memory = memory;
    }

    void add(boolean success) {
        successes = memory * successes + (success ? 1 : 0);
        attempts = memory * attempts + 1;
    }

    /**
     * The share, drawn towards another one while there are few attempts.
     *
     * @param weight of the other one, in attempts
     */
    double share(double other, double weight) {
        return (successes + weight * other) / (attempts + weight);
    }
}
