package dev.serai.camel;

import dev.serai.ledger.Receipt;

/** Gives the path on the flows' port under which the outcome of an accepted change can be read. */
@FunctionalInterface
public interface StatusPath {

    String of(Receipt receipt);
}
