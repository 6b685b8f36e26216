package dev.serai.ledger.cluster;

import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What parts of a node outside of the ledger say to their like on the other nodes that share it: the news that all nodes are told,
 * calls about feeds, and questions that one node answers for all. A node that has its ledger for itself has nobody to talk to.
 *
 * <p>Threads: safe.
 */
public final class NodeTalk {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Map<String, Function<FeedCall, CompletableFuture<FeedAnswer>>> feeds = new ConcurrentHashMap<>();
    private final Map<String, Function<String, CompletableFuture<String>>> parts = new ConcurrentHashMap<>();
    private volatile Supplier<NodeNews> news = () -> NodeNews.NONE;
    private volatile @Nullable NodeLinks links;

    private record NodeLinks(Peers peers, PeerWatch watch, Supplier<ClusterView> view) {}

    /** From now on there may be others. */
    public void join(Peers peers, PeerWatch watch, Supplier<ClusterView> view) {
        links = new NodeLinks(peers, watch, view);
    }

    /** Whether there may be others, now or later. */
    public boolean isShared() {
        return links != null;
    }

    /** The id of this node; empty if it has the ledger for itself. */
    public String self() {
        NodeLinks now = links;
        return now == null ? "" : now.view().get().self();
    }

    /** The live nodes but this one. */
    public List<ClusterNode> others() {
        NodeLinks now = links;
        return now == null ? List.of() : now.view().get().others();
    }

    // ---- News

    /** From now on the other nodes are told this, twice a second. */
    public void tell(Supplier<NodeNews> told) {
        news = told;
    }

    /** What the other nodes are told now. */
    public NodeNews own() {
        return news.get();
    }

    /** What the other nodes said last, by their names. */
    public Map<String, NodeNews> news() {
        NodeLinks now = links;
        return now == null ? Map.of() : now.watch().news();
    }

    /** Whether {@link #news} has what each other node said within the last seconds; a node that starts may have said nothing. */
    public boolean hearsAll() {
        NodeLinks now = links;
        return now == null || now.watch().hearsAll();
    }

    /** Why what waits for a target at another node is not taken, in a few words; null if no node says so. */
    public @Nullable String waitReason(TargetName target) {
        return news().values().stream()
                .flatMap(said -> Stream.ofNullable(said.waits().get(target.toString())))
                .findFirst()
                .orElse(null);
    }

    // ---- What one node answers for all

    /** From now on this answers what the other nodes ask a part, while this node has the first shard. */
    public void answerFor(String part, Function<String, CompletableFuture<String>> answers) {
        parts.put(part, answers);
    }

    /** Answers the question of another node. */
    public CompletableFuture<String> answer(String part, String text) {
        Function<String, CompletableFuture<String>> answers = parts.get(part);
        return answers == null
                ? CompletableFuture.failedFuture(
                        new LedgerException.Overloaded("the node that answers this is starting: ask again", SOON))
                : answers.apply(text);
    }

    // ---- Feeds

    /** From now on this answers the calls about a feed. */
    public void open(String feed, Function<FeedCall, CompletableFuture<FeedAnswer>> part) {
        feeds.put(feed, part);
    }

    public void close(String feed, Function<FeedCall, CompletableFuture<FeedAnswer>> part) {
        feeds.remove(feed, part);
    }

    /** Answers the call of another node. */
    public CompletableFuture<FeedAnswer> answer(FeedCall call) {
        Function<FeedCall, CompletableFuture<FeedAnswer>> part = feeds.get(call.feed());
        return part == null
                ? CompletableFuture.failedFuture(
                        new LedgerException.Invalid("no route of this node delivers to the feed " + call.feed()
                                + ": give all nodes the same route files"))
                : part.apply(call);
    }

    /** Calls another node. The future fails with {@link LedgerException} if it does not answer, or has no such feed. */
    public CompletableFuture<FeedAnswer> call(ClusterNode node, FeedCall call) {
        NodeLinks now = links;
        return now == null
                ? CompletableFuture.failedFuture(new IllegalStateException("this node has its ledger for itself"))
                : now.peers().at(node).feed(call);
    }
}
