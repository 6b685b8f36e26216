package dev.serai.ledger.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * The wall clock, for times that are shown or stored, and a monotonic clock, for delays and time-outs.
 *
 * <p>Threads: safe.
 */
public interface TimeSource extends InstantSource {

    /** Milliseconds since some moment before; not negative, never goes back, and does not step when the wall clock is set. */
    long monotonicMillis();

    /**
     * Waits on a monitor that the caller holds, at most for so long by this clock, and may end earlier. Who waits by it looks
     * again at what it waits for, and at the time.
     *
     * @param millis more than 0
     */
    default void waitOn(Object monitor, long millis) throws InterruptedException {
        monitor.wait(millis);
    }

    /** The machine's clocks. */
    static TimeSource system() {
        long startNanos = System.nanoTime();
        return new TimeSource() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public long monotonicMillis() {
                return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            }
        };
    }
}
