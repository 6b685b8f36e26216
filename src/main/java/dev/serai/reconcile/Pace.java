package dev.serai.reconcile;

import java.util.concurrent.TimeUnit;

/**
 * Holds a run to so many keys per second.
 *
 * <p>Threads: one thread.
 */
final class Pace {
    private final double perSecond;
    private long freeAt = System.nanoTime();

    /** @param perSecond 0 for no limit */
    Pace(double perSecond) {
        this.perSecond = perSecond;
    }

    /** Waits as long as so many keys may take. */
    void await(int keys) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("stopped");
        }
        if (perSecond <= 0) {
            return;
        }
        long now = System.nanoTime();
        freeAt = Math.max(freeAt, now) + (long) (keys / perSecond * 1e9);
        TimeUnit.NANOSECONDS.sleep(freeAt - now);
    }
}
