package dev.serai.camel.ledger;

import dev.serai.ledger.model.Receipt;

/** Gives the path on the flows' port under which the outcome of an accepted change can be read. */
@FunctionalInterface
public interface StatusPath {

    String of(Receipt receipt);
}
