package dev.serai.camel.trace;

import dev.serai.trace.SpanRole;
import dev.serai.trace.TraceContext;
import dev.serai.trace.TraceSpan;
import dev.serai.trace.Tracing;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The span of an HTTP request that a source answers, {@code METHOD PATH}. It continues the trace of the sender.
 *
 * <p>Threads: safe.
 */
public final class RequestSpan {
    private static final String PROPERTY = "SeraiRequestSpan";
    private static final int SERVER_ERROR = 500;

    private RequestSpan() {}

    /**
     * Begins it; from then on the message has its context in place of the sender's, so that what the route sends is below it.
     *
     * @param tracing null without traces
     */
    public static void begin(@Nullable Tracing tracing, Exchange exchange, String method, String path) {
        if (tracing == null) {
            return;
        }
        Message message = exchange.getMessage();
        TraceContext sender = TraceContext.of(
                message.getHeader(TraceContext.PARENT, String.class),
                message.getHeader(TraceContext.STATE, String.class));
        TraceSpan span = tracing.begin(method + " " + path, SpanRole.SERVER, sender)
                .set("http.request.method", method)
                .set("http.route", path);
        exchange.setProperty(PROPERTY, span);
        TraceContext context = span.context();
        message.setHeader(TraceContext.PARENT, context.parent());
        message.removeHeader(TraceContext.STATE);
        if (context.state() != null) {
            message.setHeader(TraceContext.STATE, context.state());
        }
    }

    /** The context of the request that the exchange is for, also after the route removed its headers; null if there is none. */
    static @Nullable TraceContext context(Exchange exchange) {
        TraceSpan span = exchange.getProperty(PROPERTY, TraceSpan.class);
        return span == null ? null : span.context();
    }

    /** Ends it with the status of the answer. */
    public static void end(Exchange exchange, int status) {
        TraceSpan span = exchange.getProperty(PROPERTY, TraceSpan.class);
        if (span != null) {
            span.set("http.response.status_code", status).end(status >= SERVER_ERROR ? "HTTP " + status : null);
        }
    }
}
