package dev.serai.connector.pull;

import java.util.concurrent.TimeUnit;

/**
 * The waits of a pull, which end early when its route is to stop.
 *
 * <p>Threads: safe.
 */
public final class PullPause {
    private int stops;

    /** How often the route has been stopped; a run remembers it, and is to end when it has changed. */
    public synchronized int stops() {
        return stops;
    }

    /** Wakes a run that waits. */
    public synchronized void stop() {
        stops++;
        notifyAll();
    }

    /** Waits; false if the route is to stop, or was stopped since the run began. */
    public synchronized boolean await(int stopsAtBegin, long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = end - System.nanoTime();
        while (left > 0 && stops == stopsAtBegin) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = end - System.nanoTime();
        }
        return stops == stopsAtBegin;
    }
}
