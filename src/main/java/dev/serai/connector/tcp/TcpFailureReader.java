package dev.serai.connector.tcp;

import dev.serai.camel.ledger.FailureReader;
import dev.serai.camel.ledger.FailureText;
import dev.serai.ledger.delivery.Outcome;
import java.time.Instant;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of TCP targets and the failures to connect to one.
 *
 * <p>Threads: safe.
 */
public final class TcpFailureReader implements FailureReader {
    @Override
    public @Nullable Outcome read(Throwable failure, Instant now) {
        if (failure instanceof TcpSinkException answer) {
            return answer.isPermanent()
                    ? new Outcome.Refused(null, FailureText.of(failure))
                    : new Outcome.Failed(null, FailureText.of(failure), answer.retryAfter(), false);
        }
        return isFromPool(failure)
                ? new Outcome.Unreachable("no connection to the target: " + FailureText.of(failure))
                : null;
    }

    /** The message of the sink's pool for a connection that was refused or closed at once; the exception type is generic. */
    private static boolean isFromPool(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return failure instanceof NoSuchElementException
                && trace.length > 0
                && trace[0].getClassName().startsWith("org.apache.commons.pool2.");
    }
}
