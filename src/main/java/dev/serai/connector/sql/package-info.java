/**
 * The Kamelets {@code sql-pull-source} and {@code sql-sink}. It imports {@code connector.pull} and
 * {@code camel.ledger}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.sql;
