package dev.serai.ledger.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again, in Camel's terms.
 *
 * @param maximumRedeliveries attempts after the first; negative for no end
 * @param redeliveryDelay before the second attempt
 * @param backOffMultiplier the factor by which each further delay grows, at least 1
 * @param maximumRedeliveryDelay the longest delay
 * @param collisionAvoidanceFactor the fraction by which a delay is randomly extended or shortened, 0 to 1
 */
public record RedeliveryPolicy(
        int maximumRedeliveries,
        Duration redeliveryDelay,
        double backOffMultiplier,
        Duration maximumRedeliveryDelay,
        double collisionAvoidanceFactor) {

    /** The longest that a target can ask to be left alone. */
    public static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);

    private static final Duration DELAY_MAX = Duration.ofDays(365);

    public static final RedeliveryPolicy DEFAULT =
            new RedeliveryPolicy(20, Duration.ofSeconds(1), 2, Duration.ofHours(1), 0.2);

    public RedeliveryPolicy {
        requireDelay("redeliveryDelay", redeliveryDelay);
        requireDelay("maximumRedeliveryDelay", maximumRedeliveryDelay);
        if (!(backOffMultiplier >= 1)) {
            throw new IllegalArgumentException("backOffMultiplier must be at least 1, not " + backOffMultiplier);
        }
        if (!(collisionAvoidanceFactor >= 0 && collisionAvoidanceFactor <= 1)) {
            throw new IllegalArgumentException(
                    "collisionAvoidanceFactor must be between 0 and 1, not " + collisionAvoidanceFactor);
        }
    }

    private static void requireDelay(String name, Duration delay) {
        if (delay.isNegative() || delay.compareTo(DELAY_MAX) > 0) {
            throw new IllegalArgumentException(
                    name + " must be from 0 to " + DELAY_MAX.toDays() + " days, not " + delay.toMillis() + " ms");
        }
    }

    /** Whether a change that failed for the {@code attempts}th time is given up. */
    public boolean isExhausted(int attempts) {
        return maximumRedeliveries >= 0 && attempts > maximumRedeliveries;
    }

    /** The longest that a failed delivery waits. */
    public Duration longestDelay() {
        Duration own =
                Duration.ofMillis(Math.round(maximumRedeliveryDelay.toMillis() * (1 + collisionAvoidanceFactor)));
        return own.compareTo(RETRY_AFTER_MAX) > 0 ? own : RETRY_AFTER_MAX;
    }

    /** How long to wait after the {@code attempts}th attempt failed, counted from 1. */
    public Duration delayAfter(int attempts, RandomGenerator random) {
        double delayMillis = Math.min(
                maximumRedeliveryDelay.toMillis(),
                redeliveryDelay.toMillis() * Math.pow(backOffMultiplier, attempts - 1));
        double spread = 1 + collisionAvoidanceFactor * (2 * random.nextDouble() - 1);
        return Duration.ofMillis(Math.round(delayMillis * spread));
    }
}
