package dev.serai.camel.ledger;

import dev.serai.ledger.delivery.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outcome of a failed delivery from the exceptions of one connector.
 *
 * <p>An implementation is listed in {@code META-INF/services/dev.serai.camel.ledger.FailureReader}.
 *
 * <p>Threads: safe.
 */
public interface FailureReader {

    /**
     * The outcome that this exception means, without its causes; null if it is not the connector's or decides nothing.
     *
     * @param now for waits that the target gave as a date
     */
    @Nullable Outcome read(Throwable failure, Instant now);

    /** The failure that this one hides, to be read in its place; null if it hides none. */
    default @Nullable Throwable hiddenBy(Throwable failure) {
        return null;
    }
}
