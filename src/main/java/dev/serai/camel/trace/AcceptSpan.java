package dev.serai.camel.trace;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Receipt;
import dev.serai.trace.SpanRole;
import dev.serai.trace.TraceContext;
import dev.serai.trace.TraceSpan;
import dev.serai.trace.Tracing;
import java.util.concurrent.CompletionException;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The span in which a change becomes durable, {@code ledger accept FLOW}. It continues the trace of the change's own headers,
 * else that of the request, else it begins one.
 *
 * @param change with the context of this span in its headers, so that deliveries continue the trace, however late they are
 * @param span null without traces; then the headers are as they came
 */
public record AcceptSpan(Change change, @Nullable TraceSpan span) {

    /** @param tracing null without traces */
    public static AcceptSpan begin(@Nullable Tracing tracing, Change change, Exchange exchange) {
        if (tracing == null) {
            return new AcceptSpan(change, null);
        }
        TraceContext own = TraceContext.of(change.headers());
        TraceSpan span = tracing.begin(
                        "ledger accept " + change.flow(),
                        SpanRole.INTERNAL,
                        own == null ? RequestSpan.context(exchange) : own)
                .set("serai.flow", change.flow());
        return new AcceptSpan(change.withHeaders(span.context().in(change.headers())), span);
    }

    /** Exactly one of both is given. */
    public void end(@Nullable Receipt receipt, @Nullable Throwable failure) {
        if (span == null) {
            return;
        }
        if (receipt != null) {
            span.set("serai.sequence", receipt.sequence());
            span.set("serai.duplicate", receipt.duplicate() ? "true" : "false");
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        span.end(cause == null ? null : SpanError.of(String.valueOf(cause.getMessage())));
    }
}
