/**
 * The Kamelets {@code tcp-source} and {@code tcp-sink}. It imports {@code camel.ledger}, {@code camel.http} and the
 * ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.tcp;
