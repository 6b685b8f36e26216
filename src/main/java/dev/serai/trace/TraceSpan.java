package dev.serai.trace;

import org.jspecify.annotations.Nullable;

/**
 * A piece of work in a trace. It is exported when it has ended, unless its trace is not sampled.
 *
 * <p>Threads: safe.
 */
public interface TraceSpan {
    /** What continues the trace below this span. */
    TraceContext context();

    TraceSpan set(String attribute, String value);

    TraceSpan set(String attribute, long value);

    /**
     * Ends it; further calls change nothing.
     *
     * @param error why the work failed, or null if it did not
     */
    void end(@Nullable String error);
}
