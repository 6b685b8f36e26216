package dev.serai.ledger.delivery;

import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * Spreads changes evenly so that no more than a set number is sent per second.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class RateLimit {
    private static final double PER_SECOND_MIN = 0.001;
    private static final double PER_SECOND_MAX = 1_000_000;

    private final double millisPerChange;
    private final IntSupplier sharers;
    private double nextMillis;

    /**
     * @param perSecond 0 for no limit
     * @param sharers how many share the limit in equal parts now, at least 1
     */
    public RateLimit(double perSecond, IntSupplier sharers) {
        this.millisPerChange = perSecond > 0 ? 1000 / perSecond : 0;
        this.sharers = sharers;
    }

    /**
     * Throws {@link IllegalArgumentException} unless the rate is 0 for no limit, or from {@value #PER_SECOND_MIN} to {@value
     * #PER_SECOND_MAX} changes per second: other rates overflow the computation of times.
     */
    public static void requireValid(double perSecond) {
        if (perSecond != 0 && !(perSecond >= PER_SECOND_MIN && perSecond <= PER_SECOND_MAX)) {
            throw new IllegalArgumentException(
                    "rate must be 0 for no limit, or from 0.001 to 1000000 changes per second, not " + perSecond);
        }
    }

    /** How long until the next change may be sent; zero or less means now. */
    public Duration untilNext(long nowMillis) {
        return Duration.ofMillis((long) Math.ceil(nextMillis - nowMillis));
    }

    public void sent(int changes, long nowMillis) {
        if (millisPerChange > 0) {
            nextMillis = Math.max(nextMillis, nowMillis) + changes * millisPerChange * sharers.getAsInt();
        }
    }
}
