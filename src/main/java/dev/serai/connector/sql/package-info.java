/**
 * The Kamelets {@code sql-pull-source} and {@code sql-sink}. It imports {@code connector.pull}, {@code camel.ledger} and
 * the ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.sql;
