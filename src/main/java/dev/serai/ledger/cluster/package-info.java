/**
 * What a ledger knows of the other nodes that use it: who is a member and has which shard, the ports to the database and to
 * the other nodes, and the share-out. It imports {@code ledger.model}, {@code ledger.delivery} and {@code ledger.history}.
 */
@NullMarked
package dev.serai.ledger.cluster;

import org.jspecify.annotations.NullMarked;
