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
