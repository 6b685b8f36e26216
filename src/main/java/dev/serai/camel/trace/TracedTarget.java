package dev.serai.camel.trace;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.TargetName;
import dev.serai.log.LogNames;
import dev.serai.trace.SpanRole;
import dev.serai.trace.TraceContext;
import dev.serai.trace.TraceSpan;
import dev.serai.trace.Tracing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A target each of whose attempts is a span, {@code deliver FLOW/TARGET}, below the span that accepted the change. The change's
 * headers have the context of the attempt, for what the route sends. In a batch each change has a span of its own.
 *
 * <p>Threads: safe.
 */
public final class TracedTarget implements Target {
    private final Target target;
    private final Tracing tracing;
    private final TargetName name;
    private final String spanName;
    /** By the sequence of its first change. */
    private final Map<Long, Attempts> open = new ConcurrentHashMap<>();

    public TracedTarget(TargetName name, Target target, Tracing tracing) {
        this.name = name;
        this.target = target;
        this.tracing = tracing;
        this.spanName = "deliver " + name;
    }

    @Override
    public void deliver(List<Sending> changes, Consumer<Outcome> done) {
        Attempts attempts = new Attempts();
        List<Sending> traced = new ArrayList<>(changes.size());
        for (Sending sending : changes) {
            traced.add(attempts.begin(sending, changes.size()));
        }
        long first = first(changes);
        open.put(first, attempts);
        try {
            target.deliver(traced, outcome -> {
                open.remove(first, attempts);
                attempts.end(outcome);
                LogNames.beginTrace(attempts.traceId);
                try {
                    done.accept(outcome);
                } finally {
                    LogNames.endTrace();
                }
            });
        } catch (RuntimeException | Error e) {
            open.remove(first, attempts);
            attempts.end("interrupted", null, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static long first(List<Sending> changes) {
        return changes.get(0).entry().sequence();
    }

    @Override
    public boolean hasDeadline(List<Sending> changes) {
        return target.hasDeadline(changes);
    }

    @Override
    public boolean recall(List<Sending> changes) {
        return target.recall(changes);
    }

    @Override
    public void abandon(List<Sending> changes) {
        Attempts attempts = open.remove(first(changes));
        if (attempts != null) {
            attempts.end("failed", null, "no outcome in time (deliveryTimeout)");
        }
        target.abandon(changes);
    }

    @Override
    public void endWaits() {
        target.endWaits();
    }

    /** The spans of the changes that are delivered together. */
    private final class Attempts {
        private final List<TraceSpan> spans = new ArrayList<>(1);
        /** That of the first. */
        private @Nullable String traceId;

        Sending begin(Sending sending, int batchSize) {
            Entry entry = sending.entry();
            Change change = entry.change();
            TraceSpan span = tracing.begin(spanName, SpanRole.CLIENT, TraceContext.of(change.headers()))
                    .set("serai.flow", name.flow())
                    .set("serai.target", name.target())
                    .set("serai.sequence", entry.sequence())
                    .set("serai.attempt", sending.attempt());
            if (batchSize > 1) {
                span.set("serai.batch.size", batchSize);
            }
            spans.add(span);
            TraceContext context = span.context();
            if (traceId == null) {
                traceId = context.traceId();
            }
            Entry traced = new Entry(
                    entry.sequence(),
                    entry.acceptedAt(),
                    change.withHeaders(context.in(change.headers())),
                    entry.damage());
            return new Sending(traced, sending.attempt(), sending.mayHaveArrived());
        }

        void end(Outcome outcome) {
            boolean isError = !outcome.isEnd() && !(outcome instanceof Outcome.Interrupted);
            end(
                    outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                    status(outcome),
                    isError ? String.valueOf(outcome.error()) : null);
        }

        void end(String outcome, @Nullable Integer status, @Nullable String error) {
            String shown = error == null ? null : SpanError.of(error);
            for (TraceSpan span : spans) {
                span.set("serai.outcome", outcome);
                if (status != null) {
                    span.set("http.response.status_code", status);
                }
                span.end(shown);
            }
        }
    }

    private static @Nullable Integer status(Outcome outcome) {
        if (outcome instanceof Outcome.Delivered delivered) {
            return delivered.status();
        }
        if (outcome instanceof Outcome.Failed failed) {
            return failed.status();
        }
        if (outcome instanceof Outcome.Refused refused) {
            return refused.status();
        }
        return outcome instanceof Outcome.Gone gone ? gone.status() : null;
    }
}
