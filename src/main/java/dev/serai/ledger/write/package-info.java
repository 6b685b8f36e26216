/** The writer: the one thread that writes to the store, and its writes. It imports {@code ledger.model}. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.write;
