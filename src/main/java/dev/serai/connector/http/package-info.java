/**
 * The Kamelets {@code http-pull-source} and {@code http-sink}. It imports {@code connector.pull},
 * {@code camel.ledger}, {@code camel.http}, the ledger and {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.http;
