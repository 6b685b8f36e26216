/**
 * The component {@code ledger:}, and what sources and sinks share of it: headers, changes, outcomes. It imports the
 * ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.ledger;
