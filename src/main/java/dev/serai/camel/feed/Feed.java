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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The changes that wait for the readers of one target. Each is leased to one reader; a change that is not acknowledged
 * in time is leased again.
 *
 * <p>It is not durable and need not be: in the ledger a change stays undelivered until it is acknowledged.
 *
 * <p>Threads: safe; readers and offers are called outside of the lock.
 */
final class Feed {
    private static final int ACKNOWLEDGED_KEPT = 10_000;
    /** About what one answer holds; a change larger than this goes alone. */
    private static final long ANSWER_BYTES = 4L << 20;
    /** When memory for answers was used up. */
    private static final long LOOK_AGAIN_MILLIS = 200;
    /** Readers that ask again and again are not away between two requests. */
    private static final long AWAY_MILLIS = 60_000;

    private final String name;
    private final Duration ackTimeout;
    private final ScheduledExecutorService scheduler;
    private final ByteBudget budget;
    private final TimeSource time;
    private final TreeSet<Offer> waiting = new TreeSet<>(Comparator.comparingLong(Offer::sequence));
    /** By cursor: what of a lease is still to be acknowledged. */
    private final Map<String, OpenLease> leases = new HashMap<>();

    /** When a reader asked last. */
    private long askedMillis;
    /** How many leases ended since the last acknowledgement. */
    private int unacknowledged;

    private final ArrayDeque<FeedReader> readers = new ArrayDeque<>();
    private final Set<FeedReader> streams = new HashSet<>();
    /** The last of them, so that acknowledging twice does no harm. */
    private final Set<String> acknowledged = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > ACKNOWLEDGED_KEPT;
        }
    });

    /**
     * @param name flow and target, which every cursor is bound to
     * @param budget for answers that are not read yet
     */
    Feed(String name, Duration ackTimeout, ScheduledExecutorService scheduler, ByteBudget budget, TimeSource time) {
        this.name = name;
        this.ackTimeout = ackTimeout;
        this.scheduler = scheduler;
        this.budget = budget;
        this.time = time;
        this.askedMillis = time.monotonicMillis();
    }

    /** One change to be read. */
    interface Offer {
        long sequence();

        /** The change as JSON. */
        byte[] json();

        /** The reader has it. Called once, unless the offer was withdrawn. */
        void acknowledge();
    }

    /**
     * Changes given to one reader; the cursor acknowledges them.
     *
     * @param written to be called once the answer takes no memory any more
     */
    record Lease(String cursor, List<Offer> offers, Runnable written) {}

    /** What of a lease is still to be acknowledged, and the task that ends it. */
    private record OpenLease(List<Offer> offers, Future<?> end) {}

    /** Somebody who wants changes, once. */
    interface FeedReader {
        int limit();

        /** Takes a lease with at least one change. */
        void give(Lease lease);

        /** This lease of the feed was acknowledged or is over. */
        default void leaseEnded(String cursor) {}

        /** There will be nothing more to read. */
        void end();
    }

    /** The result of an acknowledgement. */
    enum Ack {
        DONE,
        /** The cursor is of another feed, or of none. */
        FOREIGN,
        /** The changes were handed out again meanwhile, or this process was restarted. */
        OVER
    }

    void offer(Offer offer) {
        synchronized (this) {
            waiting.add(offer);
        }
        serve();
    }

    /** Takes an offer back that its route no longer makes. */
    synchronized void withdraw(Offer offer) {
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

    /** A reader stays for more than one change, until {@link #closed}. */
    synchronized void opened(FeedReader stream) {
        streams.add(stream);
    }

    synchronized void closed(FeedReader stream) {
        streams.remove(stream);
    }

    /** Ends all who wait or stay. */
    void endReaders() {
        Set<FeedReader> all;
        synchronized (this) {
            all = new HashSet<>(readers);
            all.addAll(streams);
        }
        all.forEach(FeedReader::end);
    }

    private void serve() {
        while (true) {
            FeedReader reader;
            Lease lease;
            synchronized (this) {
                if (readers.isEmpty() || waiting.isEmpty()) {
                    return;
                }
                lease = lease(readers.element().limit());
                if (lease == null) {
                    scheduler.schedule(this::serve, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                }
                reader = readers.remove();
            }
            reader.give(lease);
        }
    }

    /** Null while answers that are not read yet take all the memory they may. */
    private @Nullable Lease lease(int limit) {
        List<Offer> offers = new ArrayList<>();
        long bytes = 0;
        while (!waiting.isEmpty() && offers.size() < limit && bytes < ANSWER_BYTES) {
            Offer offer = waiting.pollFirst();
            offers.add(offer);
            bytes += offer.json().length;
        }
        long taken = bytes;
        if (!budget.take(taken)) {
            waiting.addAll(offers);
            return null;
        }
        AtomicBoolean written = new AtomicBoolean();
        Lease lease = new Lease(name + "~" + UUID.randomUUID(), List.copyOf(offers), () -> {
            if (written.compareAndSet(false, true)) {
                budget.back(taken);
            }
        });
        String cursor = lease.cursor();
        // Of the lease it must keep no more than the cursor, and even that not once it is acknowledged.
        Future<?> end = scheduler.schedule(() -> giveBack(cursor), ackTimeout.toMillis(), TimeUnit.MILLISECONDS);
        leases.put(cursor, new OpenLease(offers, end));
        return lease;
    }

    /** Makes the unacknowledged changes of a lease available again. */
    void giveBack(String cursor) {
        synchronized (this) {
            OpenLease lease = leases.remove(cursor);
            if (lease == null) {
                return;
            }
            lease.end.cancel(false);
            waiting.addAll(lease.offers);
            unacknowledged++;
        }
        leaseEnded(cursor);
        serve();
    }

    /** Whether the cursor's lease stands: neither acknowledged nor over. */
    synchronized boolean isOpen(String cursor) {
        return leases.containsKey(cursor);
    }

    Ack acknowledge(@Nullable String cursor) {
        OpenLease lease;
        synchronized (this) {
            if (cursor == null || !cursor.startsWith(name + "~")) {
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
        lease.offers.forEach(Offer::acknowledge);
        leaseEnded(cursor);
        return Ack.DONE;
    }

    /** Why what waits is not read, in a few words; null if there is nothing to say. */
    synchronized @Nullable String waitReason() {
        long away = time.monotonicMillis() - askedMillis;
        boolean isAlone = readers.isEmpty() && streams.isEmpty() && away > AWAY_MILLIS;
        if (!waiting.isEmpty() && isAlone) {
            return "no reader has asked for changes for " + DurationText.ofSeconds(away / 1000.0);
        }
        return unacknowledged == 0
                ? null
                : "readers took changes " + (unacknowledged == 1 ? "once" : unacknowledged + " times")
                        + " and did not acknowledge them";
    }

    private void leaseEnded(String cursor) {
        Set<FeedReader> all;
        synchronized (this) {
            all = new HashSet<>(streams);
        }
        all.forEach(stream -> stream.leaseEnded(cursor));
    }
}
