package dev.serai.ledger.cluster;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is a member of a ledger and who has its shards, at one moment.
 *
 * @param self the id of this node
 * @param nodes the live ones, ordered by name; this node is missing if it could not renew its membership
 * @param owners for each shard the id of the node that holds its lease; null if nobody does
 */
public record ClusterView(String self, List<ClusterNode> nodes, List<@Nullable String> owners) {

    /** The live node that has a shard; empty if nobody has it. */
    public Optional<ClusterNode> ownerOf(int shard) {
        String owner = owners.get(shard);
        return nodes.stream().filter(node -> node.id().equals(owner)).findFirst();
    }

    public boolean isOwn(int shard) {
        return self.equals(owners.get(shard));
    }

    /** The live nodes but this one. */
    public List<ClusterNode> others() {
        return nodes.stream().filter(node -> !node.id().equals(self)).toList();
    }

    /** The place of this node among the live ones, or -1. */
    int place() {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).id().equals(self)) {
                return i;
            }
        }
        return -1;
    }
}
