/**
 * The Kamelets {@code file-source} and {@code file-sink}. It imports {@code connector.pull} and
 * {@code camel.ledger}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.file;
