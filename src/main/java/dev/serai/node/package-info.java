/**
 * One process: settings, wiring, start and stop, and the check of route files. It imports the ledger, {@code store},
 * {@code admin}, {@code camel.http} and {@code camel.ledger}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.node;
