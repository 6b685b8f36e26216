/**
 * Delivers the changes of a flow to a target. It imports {@code ledger.model}, {@code ledger.delivery}, {@code ledger.outcome},
 * {@code ledger.time} and {@code ledger.write}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.dispatch;
