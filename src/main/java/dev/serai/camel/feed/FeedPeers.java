package dev.serai.camel.feed;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.NodeTalk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes that share the ledger, as a feed calls them. A node that starts again is another one.
 *
 * <p>Threads: safe.
 */
final class FeedPeers {
    private final NodeTalk talk;
    private final ScheduledExecutorService scheduler;
    private final Map<ClusterNode, FeedPeer> known = new HashMap<>();

    FeedPeers(NodeTalk talk, ScheduledExecutorService scheduler) {
        this.talk = talk;
        this.scheduler = scheduler;
    }

    /** The id of this node. */
    String self() {
        return talk.self();
    }

    /** Whether there may be others, now or later. */
    boolean mayCome() {
        return talk.isShared();
    }

    /** The live ones. */
    synchronized List<FeedPeer> now() {
        List<ClusterNode> others = talk.others();
        known.keySet().retainAll(others);
        others.forEach(node -> known.computeIfAbsent(node, one -> new FeedPeer(one, talk, scheduler)));
        return List.copyOf(known.values());
    }

    /** The live one with this id; null if there is none. */
    @Nullable FeedPeer at(String id) {
        return now().stream().filter(peer -> peer.isAt(id)).findFirst().orElse(null);
    }
}
