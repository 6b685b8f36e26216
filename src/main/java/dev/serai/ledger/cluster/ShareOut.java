package dev.serai.ledger.cluster;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which shards a node takes and gives away. Each node decides for itself: its share is the number of shards divided by that of
 * live nodes, rounded up; it takes shards that nobody has until it has its share, and gives away what is more. What a node
 * gives away is taken by one that has less than its share.
 */
public final class ShareOut {
    private ShareOut() {}

    /** The most shards that each node has. */
    public static int share(ClusterView view) {
        int nodes = Math.max(1, view.nodes().size());
        return (view.owners().size() + nodes - 1) / nodes;
    }

    /**
     * Shards that nobody has, in the order in which this node tries to take them. Each node begins at another place.
     *
     * @param held the shards that this node has open
     */
    public static List<Integer> toTake(ClusterView view, Set<Integer> held) {
        int place = view.place();
        int more = share(view) - held.size();
        if (place < 0 || more <= 0) {
            return List.of();
        }
        int shards = view.owners().size();
        int first = place * share(view);
        return IntStream.range(0, shards)
                .map(step -> (first + step) % shards)
                .filter(shard -> !held.contains(shard))
                .filter(shard -> view.owners().get(shard) == null || view.isOwn(shard))
                .limit(more)
                .boxed()
                .toList();
    }

    /** The shards that are more than this node's share: those that it would take last. */
    public static List<Integer> toGive(ClusterView view, Set<Integer> held) {
        int place = view.place();
        int tooMany = held.size() - share(view);
        if (place < 0 || tooMany <= 0) {
            return List.of();
        }
        int shards = view.owners().size();
        int first = place * share(view);
        Stream<Integer> last = IntStream.range(0, shards)
                .map(step -> Math.floorMod(first - 1 - step, shards))
                .boxed();
        return last.filter(held::contains).limit(tooMany).toList();
    }
}
