package dev.serai.ledger.dispatch;

import java.time.Duration;

/**
 * How fast a target's backlog may drain after an outage: {@value #FIRST_PER_SECOND} changes in the first second, twice
 * as many in each further one, until the pace no longer matters.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class DrainPace {
    private static final int FIRST_PER_SECOND = 32;
    private static final int SECONDS = 10;

    private long startMillis = Long.MIN_VALUE;
    private long taken;

    /** The target is back. */
    void start(long nowMillis) {
        startMillis = nowMillis;
        taken = 0;
    }

    boolean tryTake(long nowMillis) {
        if (!isOn(nowMillis)) {
            return true;
        }
        if (taken >= allowed(nowMillis - startMillis)) {
            return false;
        }
        taken++;
        return true;
    }

    /** How long until one more may go. */
    Duration untilNext(long nowMillis) {
        if (!isOn(nowMillis)) {
            return Duration.ZERO;
        }
        long elapsed = nowMillis - startMillis;
        long until = elapsed;
        while (allowed(until) <= taken) {
            until += 5;
        }
        return Duration.ofMillis(until - elapsed);
    }

    private boolean isOn(long nowMillis) {
        return startMillis != Long.MIN_VALUE && nowMillis >= startMillis && nowMillis - startMillis < SECONDS * 1000L;
    }

    /** How many may have gone this long after the start: a rate that doubles every second, added up. */
    private static double allowed(long elapsedMillis) {
        return 1 + FIRST_PER_SECOND * (Math.pow(2, elapsedMillis / 1000.0) - 1) / Math.log(2);
    }
}
