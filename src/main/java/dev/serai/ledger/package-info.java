/**
 * The durable ledger between sources and targets: accept, deliver, look, replay, purge. It imports its own
 * subpackages and knows neither Camel nor SQL.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger;
