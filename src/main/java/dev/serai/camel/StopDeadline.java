package dev.serai.camel;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Until when everything that a node waits for while it stops has to be over: one limit for all, so that several that hang
 * cost no more time than one.
 *
 * <p>Threads: safe.
 */
public final class StopDeadline {
    private volatile @Nullable Long endNanos;

    /** The context's deadline, which does not end if it has none. */
    public static StopDeadline of(CamelContext context) {
        StopDeadline bound = context.getRegistry().findSingleByType(StopDeadline.class);
        return bound == null ? new StopDeadline() : bound;
    }

    /** The node begins to stop. */
    public void begin(Duration duration) {
        endNanos = System.nanoTime() + duration.toNanos();
    }

    /** How long a wait may take now that usually may take this long; zero when the deadline is over. */
    public Duration limit(Duration usual) {
        Long end = endNanos;
        if (end == null) {
            return usual;
        }
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        return left.compareTo(usual) < 0 ? left : usual;
    }
}
