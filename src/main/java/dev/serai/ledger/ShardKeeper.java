package dev.serai.ledger;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.KeeperThreads;
import dev.serai.ledger.cluster.NodeTalk;
import dev.serai.ledger.cluster.PeerWatch;
import dev.serai.ledger.cluster.Peers;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.cluster.ShareOut;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.cluster.TargetElsewhere;
import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.TimeSource;
import dev.serai.task.RepeatedTask;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes this node's share of the shards, gives away what is more, and closes what another node took over, as nodes come and go.
 *
 * <p>Promise: a shard that is given away is closed before the other node can open it, and until then accepts changes; what is
 * under way to targets has {@link #HAND_OVER_MAX} to end.
 *
 * <p>Threads: safe; it has threads of its own.
 */
final class ShardKeeper implements ShardOwners {
    private static final Logger LOG = LoggerFactory.getLogger(ShardKeeper.class);
    private static final long LOOK_MILLIS = 500;
    /** More than the default time-out of a delivery. */
    private static final Duration HAND_OVER_MAX = Duration.ofSeconds(20);

    private static final Duration SOON = Duration.ofSeconds(1);

    private final SharedShards shared;
    private final Peers peers;
    private final TimeSource clock;
    private final KeeperThreads threads;
    private final Set<Integer> leaving = ConcurrentHashMap.newKeySet();
    private final ShardMap shards;
    private final NodeTalk talk;
    private final PeerWatch watch;
    private volatile ClusterView view;
    private volatile boolean stopped;
    private volatile List<ShardUse> users = List.of();

    /** What has to know that this node has got a shard, or loses it. */
    interface ShardUse {
        void opened(Shard shard);

        /** Nothing more of it is to be sent. */
        void stopping(Shard shard);

        /** The other nodes may have said something new about their targets. */
        default void heard() {}

        /** After {@link #stopping}: waits for so long at most for what is under way. */
        default void leave(Shard shard, Duration timeout) {}

        /** What runs where the first shard is. */
        static ShardUse ofFirst(ShardMap shards, Runnable start, Runnable stop) {
            return new ShardUse() {
                @Override
                public void opened(Shard shard) {
                    if (shard == shards.first()) {
                        start.run();
                    }
                }

                @Override
                public void stopping(Shard shard) {
                    if (shard == shards.first()) {
                        stop.run();
                    }
                }
            };
        }
    }

    /**
     * @param failures is told what fails at other nodes
     * @param talk gets to know the others
     */
    ShardKeeper(
            SharedShards shared,
            Peers peers,
            ShardMap shards,
            FailureCounts failures,
            NodeTalk talk,
            TimeSource clock,
            KeeperThreads threads) {
        this.clock = clock;
        this.threads = threads;
        this.shared = shared;
        this.peers = peers;
        this.shards = shards;
        this.view = shared.look();
        this.talk = talk;
        this.watch = new PeerWatch(peers, view, failures, clock);
        talk.join(peers, watch, () -> view);
    }

    /** Takes the share that is free now, and goes on looking. */
    void start(List<ShardUse> all) {
        users = all;
        look();
        new RepeatedTask("Sharing out the shards", this::look).start(threads.looks(), LOOK_MILLIS, LOOK_MILLIS);
    }

    @Override
    public ShardCalls of(int shard) {
        return peers.at(owner(view, shard));
    }

    @Override
    public String nameOf(int shard) {
        return view.ownerOf(shard)
                .map(node -> "node " + node.name() + " at " + node.address())
                .orElse("no node at the moment");
    }

    @Override
    public List<ShardCalls> others() {
        ClusterView now = view;
        Set<ClusterNode> owners = shards.all().stream()
                .filter(shard -> !shard.isOwn())
                .map(shard -> owner(now, shard.number()))
                .collect(Collectors.toSet());
        return owners.stream().map(peers::at).toList();
    }

    @Override
    public int nodes() {
        return Math.max(1, (int)
                view.owners().stream().filter(Objects::nonNull).distinct().count());
    }

    @Override
    public TargetStatus withOthers(String flow, TargetStatus own) {
        return watch.withOthers(flow, own);
    }

    @Override
    public TargetElsewhere elsewhere(TargetName target) {
        return watch.elsewhere(target);
    }

    /** One line that says what is not known or not in order about the other nodes. */
    Optional<String> trouble() {
        return stopped ? Optional.empty() : watch.trouble();
    }

    private ClusterNode owner(ClusterView now, int shard) {
        Optional<ClusterNode> owner = now.isOwn(shard) ? Optional.empty() : now.ownerOf(shard);
        return owner.orElseThrow(() -> new LedgerException.Overloaded(
                "no node has the part of the ledger that this belongs to at the moment: send it again", SOON));
    }

    // ---- Looking

    private synchronized void look() {
        if (stopped) {
            return;
        }
        ClusterView now = shared.lookPast(watch);
        view = now;
        watch.ask(now, talk.own());
        users.forEach(ShardUse::heard);
        for (Shard shard : shards.own()) {
            boolean isLost = shard.writer().isTakenOver() || !now.isOwn(shard.number());
            if (isLost && !leaving.contains(shard.number())) {
                lose(shard, now);
            }
        }
        List<Shard> more =
                ShareOut.toGive(now, held(false)).stream().map(shards::get).toList();
        if (!more.isEmpty()) {
            more.forEach(shard -> leaving.add(shard.number()));
            threads.handOvers().execute(() -> handOver(more));
        }
        threads.openAll(ShareOut.toTake(now, held(true)), this::take);
    }

    private Set<Integer> held(boolean withLeaving) {
        return shards.own().stream()
                .map(Shard::number)
                .filter(shard -> withLeaving || !leaving.contains(shard))
                .collect(Collectors.toSet());
    }

    /** Several at once; what this node stops in the middle of is opened whole, and what was not begun is left. */
    private void take(int number) {
        Optional<Store> store = stopped ? Optional.empty() : shared.take(number);
        if (store.isEmpty()) { // another node was faster
            return;
        }
        Shard shard = open(number, store.get());
        LOG.info("This node has shard {} of the ledger now", number);
        try {
            users.forEach(user -> user.opened(shard));
        } catch (RuntimeException e) {
            close(shard, Duration.ZERO);
            throw e;
        }
    }

    private Shard open(int number, Store store) {
        try {
            Shard shard = shards.opened(number, store);
            shard.start();
            shards.put(shard);
            return shard;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private void lose(Shard shard, ClusterView now) {
        LOG.warn(
                "Shard {} of the ledger was taken over by {}: this node writes nothing to it any more, and closes it",
                shard.number(),
                now.ownerOf(shard.number()).map(node -> "node " + node.name()).orElse("another node"));
        close(shard, Duration.ZERO);
    }

    // ---- Giving away

    private void handOver(List<Shard> some) {
        some.forEach(shard -> users.forEach(user -> user.stopping(shard)));
        long deadlineMillis = clock.monotonicMillis() + HAND_OVER_MAX.toMillis();
        for (Shard shard : some) {
            try {
                close(shard, Duration.ofMillis(Math.max(0, deadlineMillis - clock.monotonicMillis())));
                LOG.info("Shard {} of the ledger is free for another node", shard.number());
            } catch (RuntimeException e) {
                LOG.warn("Shard {} of the ledger was not closed in order: {}", shard.number(), e.toString());
            } finally {
                leaving.remove(shard.number());
            }
        }
    }

    private void close(Shard shard, Duration timeout) {
        try {
            users.forEach(user -> user.stopping(shard));
            users.forEach(user -> user.leave(shard, timeout));
        } finally {
            shard.drain();
            shards.put(shards.elsewhere(shard.number(), shared.view(shard.number())));
            shard.close();
        }
    }

    /** Gives all shards to the other nodes, if there are any, and takes none any more. */
    void leave() {
        stop();
        try {
            shared.leave();
            view = shared.look(); // a node may have joined since the last one
        } catch (StoreException e) { // it stops all the same, and its shards are free when its leases end
            LOG.warn("The shards of this node are not handed over: {}", e.getMessage());
            return;
        }
        if (!view.others().isEmpty()) {
            List<Shard> own = shards.own().stream()
                    .filter(shard -> leaving.add(shard.number()))
                    .toList();
            handOver(own);
        }
    }

    /** Takes no shard any more. */
    void stop() {
        stopped = true;
        synchronized (this) { // after the look that is under way
            threads.looks().shutdown();
        }
    }

    /** After the shards are closed. */
    void close() {
        shared.close();
        peers.close();
    }
}
