package dev.serai.forecast;

import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again.
 *
 * @param attempts the most attempts, or {@link Integer#MAX_VALUE} for no end
 * @param firstSeconds the wait after the first attempt
 * @param multiplier by which each further wait grows
 * @param longestSeconds the longest wait
 * @param spread the fraction by which a wait is randomly longer or shorter, 0 to 1
 */
public record RetryPlan(int attempts, double firstSeconds, double multiplier, double longestSeconds, double spread) {

    /** The mean wait after the {@code attempt}th attempt, counted from 1. */
    public double waitSeconds(int attempt) {
        return Math.min(longestSeconds, firstSeconds * Math.pow(multiplier, attempt - 1.0));
    }

    /** A wait after the {@code attempt}th attempt. */
    double waitSeconds(int attempt, RandomGenerator random) {
        return waitSeconds(attempt) * (1 + spread * (2 * random.nextDouble() - 1));
    }

    public boolean isLast(int attempt) {
        return attempt >= attempts;
    }
}
