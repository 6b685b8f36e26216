package dev.serai.ledger.cluster;

import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the other nodes said last about the targets of their shards and about their routes, and who says nothing. Nothing is known of the
 * shards of a node that does not answer but what is stored.
 *
 * <p>Threads: safe.
 */
public final class PeerWatch {
    /** What takes no longer than this is no trouble: a shard on its way to another node, or a slow answer. */
    private static final Duration SHORT = Duration.ofSeconds(5);

    /** Less than the age at which a lease can be ended: so a refusal that counts came after the last renewal. */
    private static final Duration REFUSAL_COUNTS = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);

    private final Peers peers;
    private final FailureCounts failures;
    private final InstantSource clock;
    private final Map<String, WatchedPeer> known = new HashMap<>();
    private final Map<TargetName, Long> recoveries = new HashMap<>();
    private ClusterView view;
    private Instant lookedAt;
    private @Nullable Instant unownedSince;
    private int idleNodes;

    /** Of one node. */
    private static final class WatchedPeer {
        final ClusterNode node;
        List<TargetPart> parts = List.of();
        NodeNews news = NodeNews.NONE;
        boolean hasAnswered;
        List<String> otherFlows = List.of();

        @Nullable Instant othersSince;

        Instant answeredAt;
        String failure = "no answer yet";
        /** When nobody listened there, by the last answer. */
        @Nullable Instant refusedAt;

        boolean asked;

        WatchedPeer(ClusterNode node, Instant now) {
            this.node = node;
            this.answeredAt = now;
        }
    }

    /** @param failures is told what failed at other nodes */
    public PeerWatch(Peers peers, ClusterView view, FailureCounts failures, InstantSource clock) {
        this.peers = peers;
        this.failures = failures;
        this.clock = clock;
        this.view = view;
        this.lookedAt = clock.instant();
    }

    /** Asks all other nodes again that have answered. @param own what this node says */
    public void ask(ClusterView now, NodeNews own) {
        List<WatchedPeer> next;
        synchronized (this) {
            Instant time = clock.instant();
            view = now;
            lookedAt = time;
            unownedSince = now.owners().stream().allMatch(Objects::nonNull)
                    ? null
                    : unownedSince == null ? time : unownedSince;
            List<ClusterNode> others = now.others();
            known.keySet()
                    .removeIf(id -> others.stream().noneMatch(node -> node.id().equals(id)));
            next = others.stream()
                    .map(node -> known.merge(
                            node.id(),
                            new WatchedPeer(node, time),
                            (before, fresh) -> before.node.equals(fresh.node) ? before : fresh))
                    .filter(one -> !one.asked)
                    .toList();
            next.forEach(one -> one.asked = true);
            known.values().forEach(one -> compare(one, own, time));
            tellOfIdleNodes(now);
        }
        next.forEach(
                one -> peers.at(one.node).progress().whenComplete((parts, failure) -> answered(one, parts, failure)));
    }

    private void tellOfIdleNodes(ClusterView now) {
        int nodes = now.nodes().size();
        int shards = now.owners().size();
        int idle = Math.max(0, nodes - shards);
        if (idle > idleNodes) {
            LOG.warn(
                    "{} nodes share a ledger whose number of shards is {}: {} of them deliver nothing until another one stops;"
                            + " the number is that of the first start, see docs/scale.md",
                    nodes,
                    shards,
                    idle);
        }
        idleNodes = idle;
    }

    private static void compare(WatchedPeer one, NodeNews own, Instant now) {
        Map<String, String> others = one.news.flows();
        one.otherFlows = own.flows().isEmpty() || others.isEmpty()
                ? List.of()
                : Stream.concat(own.flows().keySet().stream(), others.keySet().stream())
                        .distinct()
                        .filter(flow -> !Objects.equals(own.flows().get(flow), others.get(flow)))
                        .sorted()
                        .toList();
        one.othersSince = one.otherFlows.isEmpty() ? null : one.othersSince == null ? now : one.othersSince;
    }

    private synchronized void answered(WatchedPeer one, @Nullable NodeProgress answer, @Nullable Throwable failure) {
        one.asked = false;
        if (answer != null) {
            if (one.hasAnswered) {
                answer.parts().forEach(part -> count(one.parts, part));
            }
            one.hasAnswered = true;
            one.parts = answer.parts();
            one.news = answer.news();
            one.answeredAt = clock.instant();
            one.refusedAt = null;
        } else if (failure != null) {
            Throwable inner = failure instanceof CompletionException ? failure.getCause() : null;
            Throwable cause = inner == null ? failure : inner;
            one.failure = String.valueOf(cause.getMessage());
            one.refusedAt = isRefusal(cause) ? clock.instant() : null;
        }
    }

    private static boolean isRefusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortClosedException) {
                return true;
            }
        }
        return false;
    }

    /**
     * The other nodes whose process has ended, by all that is known here: nobody listens at their port, or this node does. One that
     * stands still or is cut off is not among them: it does not answer, but its port is not refused.
     */
    public synchronized List<ClusterNode> gone(ClusterView now) {
        Instant time = clock.instant();
        return now.others().stream()
                .filter(node -> now.isAddressOfSelf(node.address()) || isRefused(node, time))
                .toList();
    }

    private boolean isRefused(ClusterNode node, Instant time) {
        WatchedPeer one = known.get(node.id());
        Instant at = one == null || !one.node.equals(node) ? null : one.refusedAt;
        return at != null && Duration.between(at, time).abs().compareTo(REFUSAL_COUNTS) < 0;
    }

    /** Whether that was so short a time ago. What is dated later than now was so before the clock was set back: nobody knows. */
    private static boolean isWithin(Duration max, Instant at, Instant now) {
        return Duration.between(at, now).abs().compareTo(max) <= 0;
    }

    /** Counts what failed since the node was asked before; of a node that started anew meanwhile, what failed since. */
    private void count(List<TargetPart> before, TargetPart now) {
        TargetName name = new TargetName(now.flow(), now.target());
        TargetPart last = before.stream()
                .filter(part -> part.isOf(now.flow(), now.target()))
                .findFirst()
                .orElse(null);
        if (last != null && last.down().isPresent() && now.down().isEmpty()) {
            recoveries.merge(name, 1L, Long::sum);
        }
        if (last != null && last.failedAttempts() <= now.failedAttempts() && last.letters() <= now.letters()) {
            failures.elsewhere(name, now.failedAttempts() - last.failedAttempts(), now.letters() - last.letters());
        } else {
            failures.elsewhere(name, now.failedAttempts(), now.letters());
        }
    }

    /** What the other nodes said last about their routes, by their names. */
    public synchronized Map<String, NodeNews> news() {
        Map<String, NodeNews> news = new TreeMap<>();
        known.values().forEach(one -> news.put(one.node.name(), one.news));
        return news;
    }

    /** The status of a target from all nodes. @param own from what is stored, and from this node's deliveries */
    public synchronized TargetStatus withOthers(String flow, TargetStatus own) {
        TargetStatus sum = own;
        for (WatchedPeer one : known.values()) {
            for (TargetPart part : one.parts) {
                sum = part.isOf(flow, own.target()) ? part.addTo(sum) : sum;
            }
        }
        return sum;
    }

    /** What the other nodes said last about a target. Of those for which it is down, the one with the lowest id probes it. */
    public synchronized TargetElsewhere elsewhere(TargetName target) {
        Instant time = clock.instant();
        List<TargetPart> parts = new ArrayList<>();
        boolean isProbed = false;
        for (WatchedPeer one : known.values()) {
            boolean isBefore = one.node.id().compareTo(view.self()) < 0 && isWithin(SHORT, one.answeredAt, time);
            for (TargetPart part : one.parts) {
                if (part.isOf(target.flow(), target.target())) {
                    parts.add(part);
                    isProbed |= isBefore && part.down().isPresent();
                }
            }
        }
        return new TargetElsewhere(parts, isProbed, recoveries.getOrDefault(target, 0L));
    }

    /** Whether it is known which other nodes there are, and what each of them said within the last seconds. */
    public synchronized boolean hearsAll() {
        Instant time = clock.instant();
        return isWithin(SHORT, lookedAt, time)
                && known.values().stream().allMatch(one -> one.hasAnswered && isWithin(SHORT, one.answeredAt, time));
    }

    /** One line that says what is not known or not in order; empty if all nodes answer and all shards have a node. */
    public synchronized Optional<String> trouble() {
        Instant time = clock.instant();
        Instant limit = time.minus(SHORT);
        if (!isWithin(SHORT, lookedAt, time)) {
            return Optional.of(
                    "which nodes share the ledger is not known since " + lookedAt + ": look at its database");
        }
        for (WatchedPeer one : known.values()) {
            if (!isWithin(SHORT, one.answeredAt, time)) {
                return Optional.of("node " + one.node.name() + " has not answered since " + one.answeredAt
                        + ", so the state of its deliveries and what its sources take are not known: " + one.failure);
            }
            for (TargetPart part : one.parts) {
                if (!part.hasRoute()) {
                    return Optional.of("node " + one.node.name() + " has no route that delivers to " + part.flow() + "/"
                            + part.target() + ": give all nodes the same route files");
                }
            }
            if (one.othersSince != null && one.othersSince.isBefore(limit)) {
                return Optional.of("node " + one.node.name() + " has other route files than this one for "
                        + String.join(", ", one.otherFlows) + ": give all nodes the same route files");
            }
        }
        Instant since = unownedSince;
        if (since != null && since.isBefore(limit)) {
            long shards = view.owners().stream().filter(Objects::isNull).count();
            return Optional.of(shards + " of " + view.owners().size() + " shards have no node since " + since
                    + ": their changes are refused and not delivered until a node takes them");
        }
        return Optional.empty();
    }
}
