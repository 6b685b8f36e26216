/**
 * The Kamelets {@code kafka-source} and {@code kafka-sink}. It imports {@code camel.ledger} and the ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.kafka;
