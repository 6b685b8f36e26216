/**
 * The way between the nodes that share a ledger: the internal port, and the calls to those of other nodes. It imports {@code
 * ledger.cluster}, {@code ledger.model}, {@code ledger.delivery} and {@code http}.
 */
@NullMarked
package dev.serai.cluster;

import org.jspecify.annotations.NullMarked;
