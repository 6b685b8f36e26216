package dev.serai.camel;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A processor or an endpoint of a route that never blocks the thread that calls it, so that it can run on an event loop.
 *
 * <p>Threads: safe.
 */
public interface NonBlockingStep {

    /** Whether that is so with the options that it has. */
    default boolean isNonBlocking() {
        return true;
    }

    /** The event loop that it works on, or null if it has none of its own. */
    default @Nullable Executor eventLoop() {
        return null;
    }
}
