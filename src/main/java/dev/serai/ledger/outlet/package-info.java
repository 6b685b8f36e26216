/**
 * What belongs to a target and not to a shard of the ledger: its deliveries under way, its circuit, its rate, and failures of
 * which nobody knows yet who is to blame. It imports {@code ledger.model}, {@code ledger.delivery}, {@code ledger.outcome} and
 * {@code ledger.time}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.outlet;
