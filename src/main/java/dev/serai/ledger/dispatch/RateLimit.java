package dev.serai.ledger.dispatch;

import java.time.Duration;

/**
 * Keeps what is sent under a number of changes a second, evenly.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class RateLimit {
    private static final double PER_SECOND_MIN = 0.001;
    private static final double PER_SECOND_MAX = 1_000_000;

    private final double millisPerChange;
    private double nextMillis;

    /** @param perSecond 0 for no bound */
    RateLimit(double perSecond) {
        this.millisPerChange = perSecond > 0 ? 1000 / perSecond : 0;
    }

    /**
     * Throws {@link IllegalArgumentException} unless it is a rate that times can be computed with: 0 for no bound, or from
     * {@value #PER_SECOND_MIN} to {@value #PER_SECOND_MAX} changes a second.
     */
    public static void requireValid(double perSecond) {
        if (perSecond != 0 && !(perSecond >= PER_SECOND_MIN && perSecond <= PER_SECOND_MAX)) {
            throw new IllegalArgumentException(
                    "rate must be 0 for no bound, or from 0.001 to 1000000 changes per second, not " + perSecond);
        }
    }

    /** How long until the next change may go; zero or less for now. */
    Duration untilNext(long nowMillis) {
        return Duration.ofMillis((long) Math.ceil(nextMillis - nowMillis));
    }

    void sent(int changes, long nowMillis) {
        nextMillis = Math.max(nextMillis, nowMillis) + changes * millisPerChange;
    }
}
