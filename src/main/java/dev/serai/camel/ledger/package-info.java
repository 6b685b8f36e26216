/**
 * The component {@code ledger:}, and the code that sources and sinks share: headers, changes, outcomes. It imports the
 * ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.ledger;
