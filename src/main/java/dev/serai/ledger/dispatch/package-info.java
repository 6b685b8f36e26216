/** Brings the changes of one flow to one target. It imports the model, the target and the writer. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.dispatch;
