/**
 * Routes that are run on one message without ledger, network or targets, for {@code try} and {@code test}. It imports {@code
 * node}, {@code node.route}, {@code camel}, {@code camel.http}, {@code camel.ledger}, the ledger and {@code text}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.node.trial;
