/**
 * The Kamelets {@code kafka-source} and {@code kafka-sink}. It imports {@code connector.pull} and
 * {@code camel.ledger}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.kafka;
