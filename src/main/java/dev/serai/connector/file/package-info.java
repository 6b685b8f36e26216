/**
 * The Kamelets {@code file-source} and {@code file-sink}. It imports {@code connector.pull}, {@code camel.ledger} and
 * the ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.file;
