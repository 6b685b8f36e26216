/** The heart: every promise about changes and deliveries, on java.* alone. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger;
