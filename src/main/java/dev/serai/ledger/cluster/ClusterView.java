package dev.serai.ledger.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who is a member of a ledger and who has its shards, at one moment.
 *
 * @param self the id of this node
 * @param nodes the live ones, ordered by name; this node is missing if it could not renew its membership
 * @param owners for each shard the id of the node that holds its lease; null if nobody does
 * @param parts the ranges of shards that are shared out one by one
 */
public record ClusterView(String self, List<ClusterNode> nodes, List<@Nullable String> owners, List<ShardRange> parts) {

    /**
     * The shards that one database keeps.
     *
     * @param first the first of them
     * @param end after the last of them
     * @param members the ids of the live nodes that reach the database, ordered by name
     */
    public record ShardRange(int first, int end, List<String> members) {}

    /** Of a ledger in one database. */
    public ClusterView(String self, List<ClusterNode> nodes, List<@Nullable String> owners) {
        this(
                self,
                nodes,
                owners,
                List.of(new ShardRange(
                        0, owners.size(), nodes.stream().map(ClusterNode::id).toList())));
    }

    /** Of a ledger in several databases, each with the owners of its own shards. */
    public static ClusterView of(List<ClusterView> databases) {
        List<@Nullable String> owners = new ArrayList<>();
        List<ShardRange> parts = new ArrayList<>();
        for (ClusterView one : databases) {
            int first = owners.size();
            owners.addAll(one.owners());
            parts.add(new ShardRange(first, owners.size(), one.parts().get(0).members()));
        }
        Stream<ClusterNode> nodes = databases.stream()
                .flatMap(one -> one.nodes().stream())
                .distinct()
                .sorted(Comparator.comparing(ClusterNode::name));
        return new ClusterView(databases.get(0).self(), nodes.toList(), owners, parts);
    }

    /** The live node that has a shard; empty if nobody has it. */
    public Optional<ClusterNode> ownerOf(int shard) {
        String owner = owners.get(shard);
        return nodes.stream().filter(node -> node.id().equals(owner)).findFirst();
    }

    public boolean isOwn(int shard) {
        return self.equals(owners.get(shard));
    }

    /** The same, with a shard of this node. */
    public ClusterView withOwn(int shard) {
        List<@Nullable String> now = new ArrayList<>(owners);
        now.set(shard, self);
        return new ClusterView(self, nodes, now, parts);
    }

    boolean isAddressOfSelf(String address) {
        return nodes.stream()
                .anyMatch(node -> node.id().equals(self) && node.address().equals(address));
    }

    /** The live nodes but this one. */
    public List<ClusterNode> others() {
        return nodes.stream().filter(node -> !node.id().equals(self)).toList();
    }
}
