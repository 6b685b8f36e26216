package dev.serai.camel.http;

import dev.serai.camel.ledger.FailureText;
import dev.serai.text.LogPace;
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
    /** Causes may form a ring. */
    private static final int CAUSES_MAX = 16;

    private final LogPace pace = new LogPace();

    /** Returns what the line says. */
    String tell(Exchange exchange, Throwable failure, String errorId, int status) {
        String place = place(exchange);
        String text = place + ": " + FailureText.of(root(failure));
        long before = pace.untold(place + failure.getClass().getName());
        if (before >= 0) {
            LOG.error(
                    "Error {}: {}{}; its sender is answered {} and sends it again",
                    errorId,
                    text,
                    LogPace.more(before),
                    status);
        }
        LOG.debug("Error {}", errorId, failure);
        return text;
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
