/**
 * The component {@code feed:}, from which a target pulls its changes. It imports {@code camel.http} and
 * {@code camel.ledger}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.feed;
