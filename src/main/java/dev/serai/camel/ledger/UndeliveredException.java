package dev.serai.camel.ledger;

import dev.serai.ledger.model.Receipt;
import org.jspecify.annotations.Nullable;

/** A change was accepted, and given up by a target that its source waited for. */
public final class UndeliveredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UndeliveredException(Receipt receipt, @Nullable String reason) {
        super("The change was accepted as " + receipt.sequence() + " of " + receipt.flow()
                + ", but its delivery failed and it is now a dead letter: " + reason);
    }
}
