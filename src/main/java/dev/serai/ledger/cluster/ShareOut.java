package dev.serai.ledger.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which shards a node takes and gives away. Each node decides for itself, for the shards of each database apart: they are divided among
 * the nodes that reach it, and what is left over goes one by one to the first of them, in the next database to those that follow. A node takes
 * shards that nobody has until it has its share, and gives away what is more. What a node gives away is taken by one that has less
 * than its share.
 */
public final class ShareOut {
    private ShareOut() {}

    /** What one node is to have of a part: so many shards, and first of all those from here on. */
    private record NodeShare(ClusterView.ShardRange part, int from, int count) {

        static NodeShare of(ClusterView view, int number) {
            ClusterView.ShardRange part = view.parts().get(number);
            int nodes = part.members().size();
            int place = part.members().indexOf(view.self());
            if (place < 0) {
                return new NodeShare(part, part.first(), -1);
            }
            int turn = Math.floorMod(place - number, nodes);
            int shards = part.end() - part.first();
            int each = shards / nodes;
            int more = shards % nodes;
            return new NodeShare(part, turn * each + Math.min(turn, more), each + (turn < more ? 1 : 0));
        }

        boolean isMember() {
            return count >= 0;
        }

        int held(Set<Integer> held) {
            return (int) held.stream()
                    .filter(shard -> shard >= part.first() && shard < part.end())
                    .count();
        }

        /** All shards of the part, those of this node first. */
        IntStream inOrder() {
            int shards = part.end() - part.first();
            return IntStream.range(0, shards).map(step -> part.first() + (from + step) % shards);
        }

        /** All shards of the part, those of this node last. */
        IntStream backwards() {
            int shards = part.end() - part.first();
            return IntStream.range(0, shards).map(step -> part.first() + Math.floorMod(from - 1 - step, shards));
        }
    }

    /**
     * Shards that nobody has, in the order in which this node tries to take them. Each node begins at another place.
     *
     * @param held the shards that this node has open
     */
    public static List<Integer> toTake(ClusterView view, Set<Integer> held) {
        List<Integer> all = new ArrayList<>();
        for (NodeShare share : shares(view)) {
            share.inOrder()
                    .filter(shard -> !held.contains(shard))
                    .filter(shard -> view.owners().get(shard) == null || view.isOwn(shard))
                    .limit(Math.max(0, share.count() - share.held(held)))
                    .forEach(all::add);
        }
        return all;
    }

    /** The shards that are more than this node's share: those that it would take last. */
    public static List<Integer> toGive(ClusterView view, Set<Integer> held) {
        List<Integer> all = new ArrayList<>();
        for (NodeShare share : shares(view)) {
            share.backwards()
                    .filter(held::contains)
                    .limit(Math.max(0, share.held(held) - share.count()))
                    .forEach(all::add);
        }
        return all;
    }

    private static List<NodeShare> shares(ClusterView view) {
        return IntStream.range(0, view.parts().size())
                .mapToObj(number -> NodeShare.of(view, number))
                .filter(NodeShare::isMember)
                .toList();
    }
}
