package dev.serai.camel.http;

import dev.serai.camel.ledger.FailureText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator of a step that fails on what a sender pushed: one line with route, file, line, step and reason, at most one
 * a minute for each step and kind of failure. The stack trace is logged at DEBUG.
 *
 * <p>Threads: safe.
 */
final class RouteFault {
    private static final Logger LOG = LoggerFactory.getLogger(RouteFault.class);
    private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Causes may form a ring. */
    private static final int CAUSES_MAX = 16;

    private static final int REMEMBERED_MAX = 1_000;

    /** @param since when it was told last, in nanoseconds; @param untold how often it happened since */
    private record Told(long since, long untold) {}

    private final Map<String, Told> told = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /** Returns what the line says. */
    String tell(Exchange exchange, Throwable failure, String errorId) {
        String place = place(exchange);
        String text = place + ": " + FailureText.of(root(failure));
        long before = untold(place + failure.getClass().getName());
        if (before >= 0) {
            LOG.error(
                    "Error {}: {}{}; its sender is answered 500 and sends it again",
                    errorId,
                    text,
                    before == 0 ? "" : " (and " + before + " times more since the last line about it)");
        }
        LOG.debug("Error {}", errorId, failure);
        return text;
    }

    /** How often it happened since the last line; -1 if that was just now. */
    private synchronized long untold(String what) {
        long now = System.nanoTime();
        Told last = told.get(what);
        boolean isDue = last == null || now - last.since() >= EVERY_NANOS;
        told.put(what, isDue || last == null ? new Told(now, 0) : new Told(last.since(), last.untold() + 1));
        return isDue ? (last == null ? 0 : last.untold()) : -1;
    }

    private static String place(Exchange exchange) {
        return "the route " + orUnknown(exchange.getFromRouteId()) + " fails" + FailedStep.of(exchange);
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < CAUSES_MAX && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root;
    }

    private static String orUnknown(@Nullable String text) {
        return text == null ? "unknown" : text;
    }
}
