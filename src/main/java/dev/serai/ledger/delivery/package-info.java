/** What the ledger asks of a target: options, outcomes, the circuit. It imports the model. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.delivery;
