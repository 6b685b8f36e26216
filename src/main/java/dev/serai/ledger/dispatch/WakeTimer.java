package dev.serai.ledger.dispatch;

import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one task at the earliest requested time. It may also run it earlier.
 *
 * <p>Threads: safe; the task runs on the scheduler's threads.
 */
final class WakeTimer {
    private static final Logger LOG = LoggerFactory.getLogger(WakeTimer.class);
    private static final long NEVER = Long.MAX_VALUE;
    /** Longer waits are cut short, so that a clock that is set forward is noticed. */
    private static final long LONGEST_MILLIS = 60_000;

    private static final long RETRY_MILLIS = 1_000;

    private final ScheduledExecutorService scheduler;
    private final InstantSource clock;
    private final Runnable task;
    private long nextMillis = NEVER;

    WakeTimer(ScheduledExecutorService scheduler, InstantSource clock, Runnable task) {
        this.scheduler = scheduler;
        this.clock = clock;
        this.task = task;
    }

    /** Asks for a run at this time, or as soon as possible if it is past. Nothing happens if one comes earlier. */
    synchronized void at(long epochMillis) {
        long now = clock.millis();
        long ringMillis = Math.min(epochMillis, now + LONGEST_MILLIS);
        if (ringMillis >= nextMillis) {
            return;
        }
        nextMillis = ringMillis;
        scheduler.schedule(() -> ring(ringMillis), Math.max(0, ringMillis - now), TimeUnit.MILLISECONDS);
    }

    void in(long delayMillis) {
        at(clock.millis() + Math.max(1, delayMillis));
    }

    private void ring(long epochMillis) {
        synchronized (this) {
            if (nextMillis != epochMillis) {
                return;
            }
            nextMillis = NEVER;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("A task of the ledger failed, trying again in {} ms", RETRY_MILLIS, e);
            in(RETRY_MILLIS);
        }
    }
}
