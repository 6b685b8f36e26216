package dev.serai.camel.feed;

import dev.serai.camel.feed.Feed.Ack;
import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.FeedCall.FeedStep;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The feed of a target as its readers at this node see it: the changes of this node's shards, and those of the other nodes that share
 * the ledger. An answer has changes of one node, and its cursor names that node, so that any node can pass an acknowledgement on.
 *
 * <p>Readers look at another node first each time, so that none is always read last. When nothing waits anywhere, a call waits at each
 * other node. It is answered without changes as soon as there are some, and only then are they asked for: so none is leased to a node
 * whose readers have gone meanwhile.
 *
 * <p>Threads: safe; readers and other nodes are called outside of the lock.
 */
final class SharedFeed {
    /** How long a call waits at another node for a change. */
    private static final long WAIT_MILLIS = 10_000;
    /** While readers wait, so often the nodes are looked at that came, or did not answer. */
    private static final long LOOK_MILLIS = 1_000;

    private final String name;
    private final Feed own;
    private final FeedPeers peers;
    private final StreamLeases streams;
    private final ScheduledExecutorService scheduler;
    private final ByteBudget budget;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicBoolean looksAgain = new AtomicBoolean();
    /** Who was given nothing yet, the oldest first. Guarded by this. */
    private final Map<FeedReader, OpenRead> reads = new LinkedHashMap<>();

    /**
     * @param name flow and target
     * @param own the part of this node
     * @param budget for answers that are not read yet
     */
    SharedFeed(
            String name,
            Feed own,
            FeedPeers peers,
            StreamLeases streams,
            ScheduledExecutorService scheduler,
            ByteBudget budget) {
        this.name = name;
        this.own = own;
        this.peers = peers;
        this.streams = streams;
        this.scheduler = scheduler;
        this.budget = budget;
        own.watchLeases(this::ended);
    }

    // ---- Reading

    /**
     * Gives the reader what waits, now or as soon as there is something.
     *
     * @param once it does not wait: it is ended if there is nothing now
     */
    void read(FeedReader reader, boolean once) {
        OpenRead read = new OpenRead(reader);
        synchronized (this) {
            reads.put(reader, read);
        }
        List<FeedPeer> others = peers.now();
        int first = Math.floorMod(turn.getAndIncrement(), others.size() + 1);
        look(read, others, first, 0, once);
    }

    /** Looks at one node after the other, this one as well. @param looked at how many */
    private void look(OpenRead read, List<FeedPeer> others, int first, int looked, boolean once) {
        if (read.isOver()) {
            return;
        }
        if (looked > others.size()) {
            if (once) {
                read.end();
            } else {
                await(read);
            }
            return;
        }
        int place = (first + looked) % (others.size() + 1);
        if (place < others.size()) {
            FeedPeer peer = others.get(place);
            FeedCall call = FeedCall.lease(name, read.limit(), 0, asker());
            peer.ask(call, answer -> given(peer, answer, read), () -> look(read, others, first, looked + 1, once));
            return;
        }
        FeedLease lease = own.take(read.limit(), null, null);
        if (lease != null) {
            read.give(lease);
        } else {
            look(read, others, first, looked + 1, once);
        }
    }

    private void await(OpenRead read) {
        own.read(read);
        if (read.isOver()) {
            own.cancel(read);
        }
        askOthers();
    }

    /** Has a call wait at each other node as long as readers wait here. */
    private void askOthers() {
        if (!peers.mayCome() || first(1) == null) {
            return;
        }
        peers.now().forEach(this::askAndWait);
        if (looksAgain.compareAndSet(false, true)) {
            scheduler.schedule(this::lookAgain, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void lookAgain() {
        looksAgain.set(false);
        askOthers();
    }

    private void askAndWait(FeedPeer peer) {
        OpenRead next = first(1);
        if (next != null && peer.begins()) {
            peer.call(FeedCall.lease(name, next.limit(), WAIT_MILLIS, asker())).whenComplete((answer, failure) -> {
                peer.ended();
                if (answer != null && given(peer, answer, first(answer.changes().size()))) {
                    askAndWait(peer);
                }
            });
        }
    }

    /** The reader that waits longest and takes so many changes. */
    private synchronized @Nullable OpenRead first(int changes) {
        return reads.values().stream()
                .filter(read -> read.limit() >= changes)
                .findFirst()
                .orElse(null);
    }

    /** Streams want to know when a lease ends. */
    private @Nullable String asker() {
        return streams.hasReaders() ? peers.self() : null;
    }

    /** Another node answered. @return false if there was no room for what it gave */
    private boolean given(FeedPeer peer, FeedAnswer answer, @Nullable OpenRead read) {
        String cursor = answer.cursor();
        if (cursor == null) {
            return true;
        }
        long bytes =
                answer.changes().stream().mapToLong(change -> change.length).sum();
        boolean hasRoom = budget.take(bytes);
        if (!hasRoom || read == null || !read.claim()) {
            budget.back(hasRoom ? bytes : 0);
            peer.tell(FeedCall.of(FeedStep.GIVE_BACK, name, cursor));
            return hasRoom;
        }
        streams.began(cursor, read.reader);
        read.reader.give(FeedLease.counted(cursor, answer.changes(), budget, bytes));
        return true;
    }

    /** The reader does not wait any longer; says whether it was still waiting. */
    boolean cancel(FeedReader reader) {
        OpenRead read;
        synchronized (this) {
            read = reads.get(reader);
        }
        return read != null && read.claim();
    }

    /** A reader stays for more than one change, until {@link #closed}. */
    void opened(FeedReader stream) {
        streams.opened(stream);
    }

    void closed(FeedReader stream) {
        streams.closed(stream);
    }

    /** Ends all who wait or stay. */
    void endReaders() {
        List<OpenRead> open;
        synchronized (this) {
            open = List.copyOf(reads.values());
        }
        open.forEach(OpenRead::end);
        streams.readers().forEach(FeedReader::end);
    }

    /** Why what waits at this node is not read, in a few words; null if there is nothing to say. */
    @Nullable String waitReason() {
        return own.waitReason(streams.hasReaders());
    }

    /** One read of a reader, at whichever node. */
    private final class OpenRead implements FeedReader {
        private final FeedReader reader;
        private final AtomicBoolean over = new AtomicBoolean();

        OpenRead(FeedReader reader) {
            this.reader = reader;
        }

        boolean isOver() {
            return over.get();
        }

        /** Ends the read; returns false if it was over. */
        boolean claim() {
            if (!over.compareAndSet(false, true)) {
                return false;
            }
            own.cancel(this);
            synchronized (SharedFeed.this) {
                reads.remove(reader, this);
            }
            return true;
        }

        @Override
        public int limit() {
            return reader.limit();
        }

        @Override
        public void give(FeedLease lease) {
            if (claim()) {
                reader.give(lease);
            } else {
                lease.written().run();
                own.notRead(lease.cursor());
            }
        }

        @Override
        public void end() {
            if (claim()) {
                reader.end();
            }
        }
    }

    // ---- Leases

    /** Whether the cursor's lease stands, as far as this node knows. */
    boolean isOpen(String cursor) {
        return streams.has(cursor) || own.isOpen(cursor);
    }

    /** Makes the unacknowledged changes of a lease available again. */
    void giveBack(String cursor) {
        FeedPeer peer = peers.at(FeedCursor.nodeOf(name, cursor));
        if (peer == null) {
            own.giveBack(cursor);
        } else {
            peer.tell(FeedCall.of(FeedStep.GIVE_BACK, name, cursor));
            streams.ended(cursor);
        }
    }

    /** Fails if the node that has the lease does not answer: whether the changes are acknowledged is unknown then. */
    CompletableFuture<Ack> acknowledge(@Nullable String cursor) {
        FeedPeer peer = cursor == null ? null : peers.at(FeedCursor.nodeOf(name, cursor));
        if (cursor == null || peer == null) { // the leases of a node that is gone have ended with it
            return CompletableFuture.completedFuture(own.acknowledge(cursor));
        }
        return peer.call(FeedCall.of(FeedStep.ACKNOWLEDGE, name, cursor)).thenApply(answer -> {
            streams.ended(cursor);
            return Ack.valueOf(answer.ack());
        });
    }

    /** A lease of this node has ended. */
    private void ended(String cursor, @Nullable String asker) {
        FeedPeer peer = asker == null ? null : peers.at(asker);
        if (peer == null) {
            streams.ended(cursor);
        } else {
            peer.tell(FeedCall.of(FeedStep.ENDED, name, cursor));
        }
    }
}
