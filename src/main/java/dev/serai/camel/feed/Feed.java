package dev.serai.camel.feed;

import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.time.TimeSource;
import dev.serai.text.DurationText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The changes of this node that wait for the readers of one target. Each is leased to one reader; a change that is not
 * acknowledged in time is leased again.
 *
 * <p>It is not durable and need not be: in the ledger a change stays undelivered until it is acknowledged.
 *
 * <p>Threads: safe; readers and offers are called outside of the lock.
 */
final class Feed {
    private static final int ACKNOWLEDGED_KEPT = 10_000;
    /** About what one answer holds; a change larger than this goes alone. */
    private static final long ANSWER_BYTES = 4L << 20;
    /** When memory for answers was used up, or another node may have what waits. */
    private static final long LOOK_AGAIN_MILLIS = 200;
    /** Readers that ask again and again are not away between two requests. */
    private static final long AWAY_MILLIS = 60_000;

    private final String name;
    private final Supplier<String> node;
    private final Duration ackTimeout;
    private final ScheduledExecutorService scheduler;
    private final ByteBudget budget;
    private final TimeSource time;
    private final TreeSet<FeedOffer> waiting = new TreeSet<>(Comparator.comparingLong(FeedOffer::sequence));
    /** By cursor: what of a lease is still to be acknowledged. */
    private final Map<String, OpenLease> leases = new HashMap<>();

    /** When a reader asked last. */
    private long askedMillis;
    /** How many leases ended since the last acknowledgement. */
    private int unacknowledged;

    private final ArrayDeque<FeedReader> readers = new ArrayDeque<>();
    /** Called, once, when something waits that no reader takes. */
    private final List<Runnable> bells = new ArrayList<>();

    private boolean servesLater;
    private volatile LeaseWatch watch = (cursor, asker) -> {};
    /** The last of them, so that acknowledging twice does no harm. */
    private final Set<String> acknowledged = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > ACKNOWLEDGED_KEPT;
        }
    });

    /**
     * @param name flow and target, which every cursor is bound to
     * @param node the id of this node, which every cursor names; empty if it has the ledger for itself
     * @param budget for answers that are not read yet
     */
    Feed(
            String name,
            Supplier<String> node,
            Duration ackTimeout,
            ScheduledExecutorService scheduler,
            ByteBudget budget,
            TimeSource time) {
        this.name = name;
        this.node = node;
        this.ackTimeout = ackTimeout;
        this.scheduler = scheduler;
        this.budget = budget;
        this.time = time;
        this.askedMillis = time.monotonicMillis();
    }

    /** What of a lease is still to be acknowledged, the task that ends it, and the node that is told of its end. */
    private record OpenLease(
            List<FeedOffer> offers, Future<?> end, @Nullable String asker) {}

    /** Is told when a lease was acknowledged or is over. */
    interface LeaseWatch {
        /** @param asker the node whose reader had the lease; null if it was one of this node, or needs not be told */
        void ended(String cursor, @Nullable String asker);
    }

    /** The result of an acknowledgement. */
    enum Ack {
        DONE,
        /** The cursor is of another feed, or of none. */
        FOREIGN,
        /** The changes were handed out again meanwhile, or this process was restarted. */
        OVER
    }

    void watchLeases(LeaseWatch by) {
        watch = by;
    }

    void offer(FeedOffer offer) {
        synchronized (this) {
            waiting.add(offer);
        }
        serve();
    }

    /** Takes an offer back that its route no longer makes. */
    synchronized void withdraw(FeedOffer offer) {
        if (!waiting.remove(offer)) {
            leases.values().forEach(lease -> lease.offers.remove(offer));
        }
    }

    /** Gives the reader what waits, now or as soon as there is something. */
    void read(FeedReader reader) {
        synchronized (this) {
            readers.add(reader);
            askedMillis = time.monotonicMillis();
        }
        serve();
    }

    /** The reader does not wait any longer; says whether it was still waiting. */
    synchronized boolean cancel(FeedReader reader) {
        return readers.remove(reader);
    }

    /**
     * A lease of what waits now; null if there is none.
     *
     * @param asker see {@link LeaseWatch}
     * @param bell called once if there is none, as soon as something waits that no reader takes; or null
     */
    synchronized @Nullable FeedLease take(int limit, @Nullable String asker, @Nullable Runnable bell) {
        askedMillis = time.monotonicMillis();
        FeedLease lease = waiting.isEmpty() ? null : lease(limit, asker);
        if (lease == null && bell != null) {
            bells.add(bell);
            if (!waiting.isEmpty()) {
                serveLater();
            }
        }
        return lease;
    }

    /** The bell is not to be called any more. */
    synchronized void remove(Runnable bell) {
        bells.remove(bell);
    }

    private void serveLater() {
        if (!servesLater) {
            servesLater = true;
            scheduler.schedule(this::serveNow, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void serveNow() {
        synchronized (this) {
            servesLater = false;
        }
        serve();
    }

    private void serve() {
        List<Runnable> rung;
        while (true) {
            FeedReader reader;
            FeedLease lease;
            synchronized (this) {
                if (waiting.isEmpty()) {
                    return;
                }
                if (readers.isEmpty()) {
                    rung = List.copyOf(bells);
                    bells.clear();
                    break;
                }
                lease = lease(readers.element().limit(), null);
                if (lease == null) {
                    serveLater();
                    return;
                }
                reader = readers.remove();
            }
            reader.give(lease);
        }
        rung.forEach(Runnable::run);
    }

    /** Null while answers that are not read yet take all the memory they may, or other nodes may have all that waits. */
    private @Nullable FeedLease lease(int limit, @Nullable String asker) {
        List<FeedOffer> offers = new ArrayList<>();
        List<FeedOffer> passed = new ArrayList<>();
        long bytes = 0;
        while (!waiting.isEmpty() && offers.size() < limit && bytes < ANSWER_BYTES) {
            FeedOffer offer = waiting.pollFirst();
            if (offer.mayBeRead()) {
                offers.add(offer);
                bytes += offer.json().length;
            } else {
                passed.add(offer);
            }
        }
        waiting.addAll(passed);
        if (offers.isEmpty() || !budget.take(bytes)) {
            waiting.addAll(offers);
            return null;
        }
        String cursor = FeedCursor.of(name, node.get());
        List<byte[]> changes = offers.stream().map(FeedOffer::json).toList();
        FeedLease lease = FeedLease.counted(cursor, changes, budget, bytes);
        // Of the lease it must keep no more than the cursor, and even that not once it is acknowledged.
        Future<?> end = scheduler.schedule(() -> giveBack(cursor), ackTimeout.toMillis(), TimeUnit.MILLISECONDS);
        leases.put(cursor, new OpenLease(offers, end, asker));
        return lease;
    }

    /** Makes the unacknowledged changes of a lease available again: its reader took them and will not acknowledge them. */
    void giveBack(String cursor) {
        end(cursor, true);
    }

    /** The same for a lease that no reader got. */
    void notRead(String cursor) {
        end(cursor, false);
    }

    private void end(String cursor, boolean wasRead) {
        OpenLease lease;
        synchronized (this) {
            lease = leases.remove(cursor);
            if (lease == null) {
                return;
            }
            lease.end.cancel(false);
            waiting.addAll(lease.offers);
            unacknowledged += wasRead ? 1 : 0;
        }
        watch.ended(cursor, lease.asker);
        serve();
    }

    /** Whether the cursor's lease stands: neither acknowledged nor over. */
    synchronized boolean isOpen(String cursor) {
        return leases.containsKey(cursor);
    }

    Ack acknowledge(@Nullable String cursor) {
        OpenLease lease;
        synchronized (this) {
            if (cursor == null || !FeedCursor.isOf(name, cursor)) {
                return Ack.FOREIGN;
            }
            lease = leases.remove(cursor);
            if (lease == null) {
                return acknowledged.contains(cursor) ? Ack.DONE : Ack.OVER;
            }
            lease.end.cancel(false);
            acknowledged.add(cursor);
            unacknowledged = 0;
        }
        lease.offers.forEach(FeedOffer::acknowledge);
        watch.ended(cursor, lease.asker);
        return Ack.DONE;
    }

    /**
     * Why what waits is not read, in a few words; null if there is nothing to say.
     *
     * @param hasStreams whether readers stay that may not ask at the moment
     */
    synchronized @Nullable String waitReason(boolean hasStreams) {
        long away = time.monotonicMillis() - askedMillis;
        boolean isAlone = readers.isEmpty() && !hasStreams && away > AWAY_MILLIS;
        if (!waiting.isEmpty() && isAlone) {
            return "no reader has asked for changes for " + DurationText.ofSeconds(away / 1000.0);
        }
        return unacknowledged == 0
                ? null
                : "readers took changes " + (unacknowledged == 1 ? "once" : unacknowledged + " times")
                        + " and did not acknowledge them";
    }
}
