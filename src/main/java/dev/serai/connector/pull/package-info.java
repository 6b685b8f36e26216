/**
 * The loop of all pulling sources: cursor, batches, pauses, failures. It imports {@code camel.ledger} and the ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.pull;
