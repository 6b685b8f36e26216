package dev.serai.camel.ledger;

import dev.serai.ledger.target.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the exceptions of one connector what a failed delivery means.
 *
 * <p>An implementation is found by its name in {@code META-INF/services/dev.serai.camel.ledger.FailureReader}.
 *
 * <p>Threads: safe.
 */
public interface FailureReader {

    /**
     * What this exception says about the delivery, without a look at its causes; null if it is not one of the connector's,
     * or decides nothing.
     *
     * @param now for waits that the target gave as a date
     */
    @Nullable Outcome read(Throwable failure, Instant now);

    /** The failure that this one hides, to be read in its place; null if it hides none. */
    default @Nullable Throwable hiddenBy(Throwable failure) {
        return null;
    }
}
