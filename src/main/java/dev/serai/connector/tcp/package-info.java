/**
 * The Kamelets {@code tcp-source} and {@code tcp-sink}. It imports {@code camel.ledger} and {@code camel.http}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.tcp;
