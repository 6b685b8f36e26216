package dev.serai.ledger.dispatch;

import java.time.Duration;

/**
 * Keeps what is sent under a number of changes a second, evenly.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class RateLimit {

    private final double millisPerChange;
    private double nextMillis;

    /** @param perSecond 0 for no bound */
    RateLimit(double perSecond) {
        this.millisPerChange = perSecond > 0 ? 1000 / perSecond : 0;
    }

    /** How long until the next change may go; zero or less for now. */
    Duration untilNext(long nowMillis) {
        return Duration.ofMillis((long) Math.ceil(nextMillis - nowMillis));
    }

    void sent(int changes, long nowMillis) {
        nextMillis = Math.max(nextMillis, nowMillis) + changes * millisPerChange;
    }
}
