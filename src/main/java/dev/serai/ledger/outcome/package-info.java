/**
 * A change on its way to a target, and how its outcome is decided and made durable. It imports the model, the writer, the
 * clocks and {@code ledger.delivery}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.outcome;
