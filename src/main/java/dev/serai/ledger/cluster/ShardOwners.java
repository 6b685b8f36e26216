package dev.serai.ledger.cluster;

import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.TargetName;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the nodes that have the shards which this node does not have. Threads: safe. */
public interface ShardOwners {
    /** Those of a ledger that this node has for itself. */
    ShardOwners NONE = new ShardOwners() {
        @Override
        public ShardCalls of(int shard) {
            throw new IllegalStateException("this node has all shards");
        }

        @Override
        public String nameOf(int shard) {
            return "this node";
        }

        @Override
        public List<ShardCalls> others() {
            return List.of();
        }

        @Override
        public int nodes() {
            return 1;
        }

        @Override
        public TargetStatus withOthers(String flow, TargetStatus own) {
            return own;
        }

        @Override
        public TargetElsewhere elsewhere(TargetName target) {
            return TargetElsewhere.NONE;
        }
    };

    /**
     * The calls to the node that has a shard.
     *
     * @throws LedgerException.Overloaded if no node is known to have it at the moment
     */
    ShardCalls of(int shard);

    /** Names the node that has a shard, for people. */
    String nameOf(int shard);

    /**
     * The calls to all nodes that have shards, but this one.
     *
     * @throws LedgerException.Overloaded if no node is known to have some shard at the moment
     */
    List<ShardCalls> others();

    /** How many nodes have shards now, at least 1. */
    int nodes();

    /** The status of a target from all nodes. @param own from what is stored, and from this node's deliveries */
    TargetStatus withOthers(String flow, TargetStatus own);

    /** What the other nodes said about a target half a second ago. */
    TargetElsewhere elsewhere(TargetName target);

    /** The sequences of a target's changes that were under way at the other nodes half a second ago. */
    default Set<Long> delivering(TargetName target) {
        return elsewhere(target).parts().stream()
                .flatMap(part -> part.underWay().stream())
                .collect(Collectors.toSet());
    }
}
