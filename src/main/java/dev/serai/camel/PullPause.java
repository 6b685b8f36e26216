package dev.serai.camel;

import java.util.concurrent.TimeUnit;

/**
 * The waits of a pull, which end early when its route is to stop.
 *
 * <p>Threads: safe.
 */
final class PullPause {
    private int stops;

    /** How often the route has been stopped; a run remembers it, and is to end when it has changed. */
    synchronized int stops() {
        return stops;
    }

    /** Wakes a run that waits. */
    synchronized void stop() {
        stops++;
        notifyAll();
    }

    /** Waits; false if the route is to stop, or was stopped since the run began. */
    synchronized boolean await(int stopsAtBegin, long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = end - System.nanoTime();
        while (left > 0 && stops == stopsAtBegin) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = end - System.nanoTime();
        }
        return stops == stopsAtBegin;
    }
}
