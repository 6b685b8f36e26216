/**
 * Delivers the changes of a flow to a target. It imports {@code ledger.model}, {@code ledger.delivery} and
 * {@code ledger.write}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.dispatch;
