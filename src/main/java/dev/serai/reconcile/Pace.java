package dev.serai.reconcile;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Holds a run to so many keys per second. What the work on them takes counts, so only the rest is waited for.
 *
 * <p>Threads: one thread.
 */
final class Pace {
    private final double perSecond;
    private final LongSupplier nanos;
    private long freeAt;

    /** @param perSecond 0 for no limit */
    Pace(double perSecond) {
        this(perSecond, System::nanoTime);
    }

    Pace(double perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
        this.freeAt = nanos.getAsLong();
    }

    /** Waits until so many more keys may be done. */
    void await(int keys) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("stopped");
        }
        TimeUnit.NANOSECONDS.sleep(taken(keys));
    }

    /** So many keys are done; returns how many nanoseconds to wait. Time in which nothing was done is not saved up. */
    long taken(int keys) {
        if (perSecond <= 0) {
            return 0;
        }
        long now = nanos.getAsLong();
        freeAt = Math.max(now, freeAt + (long) (keys / perSecond * 1e9));
        return freeAt - now;
    }
}
