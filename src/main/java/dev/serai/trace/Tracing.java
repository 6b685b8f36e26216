package dev.serai.trace;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes the spans of a node. A node without traces has none.
 *
 * <p>Threads: safe. Nothing here waits for the network but {@link #close}.
 */
public interface Tracing {

    /** That of the node that the context is of; null if it has none. */
    static @Nullable Tracing of(CamelContext context) {
        return context.getRegistry().findSingleByType(Tracing.class);
    }

    /** @param parent what it continues; null for the first span of a trace */
    TraceSpan begin(String name, SpanRole role, @Nullable TraceContext parent);

    /** Exports what has ended so far, as far as that takes no longer than this, and ends. */
    void close(Duration max);
}
