/**
 * Counts how attempts to deliver end, follows the regimes of the targets, scores what was foretold, and makes forecasts of it. It imports
 * the mathematics, the model, {@code ledger.delivery}, {@code ledger.history}, {@code ledger.cluster} and the clocks.
 */
@NullMarked
package dev.serai.ledger.chain;

import org.jspecify.annotations.NullMarked;
