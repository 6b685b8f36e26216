package dev.serai.ledger.outlet;

import dev.serai.ledger.time.TimeSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one task at the earliest requested time, by the monotonic clock.
 *
 * <p>Threads: safe; the task runs on the scheduler's threads.
 */
public final class WakeTimer {
    private static final Logger LOG = LoggerFactory.getLogger(WakeTimer.class);
    private static final long NEVER = Long.MAX_VALUE;
    private static final long RETRY_MILLIS = 1_000;

    private final ScheduledExecutorService scheduler;
    private final TimeSource time;
    private final Runnable task;
    private long nextMillis = NEVER;

    public WakeTimer(ScheduledExecutorService scheduler, TimeSource time, Runnable task) {
        this.scheduler = scheduler;
        this.time = time;
        this.task = task;
    }

    /** Asks for a run after this delay. Nothing happens if one comes earlier. */
    public synchronized void in(long delayMillis) {
        long delay = Math.max(1, delayMillis);
        long ringMillis = time.monotonicMillis() + delay;
        if (ringMillis >= nextMillis) {
            return;
        }
        nextMillis = ringMillis;
        scheduler.schedule(() -> ring(ringMillis), delay, TimeUnit.MILLISECONDS);
    }

    private void ring(long ringMillis) {
        synchronized (this) {
            if (nextMillis != ringMillis) {
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
