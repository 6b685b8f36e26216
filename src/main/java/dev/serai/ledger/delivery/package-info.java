/** The interface between the ledger and a target: options, outcomes, the circuit. It imports {@code ledger.model}. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.delivery;
