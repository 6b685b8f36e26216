package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.stuck.StuckKeys;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the changes that were parked behind a stuck key once the key continues: it reads them in pages and sends them
 * in order, without a commit between them, until none is left in the store. A failure ends the recovery of the key.
 *
 * <p>Threads: used under its dispatcher's lock; the reads themselves run on the scheduler, outside of it.
 */
final class KeyRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRecovery.class);
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final int PAGE_FIRST = 8;
    private static final int PAGE_LAST = 128;
    private static final long PAGE_BYTES = 256 << 10;
    /** A page takes at most this part of the memory that is left, since several keys read at once. */
    private static final int ROOM_PARTS = 8;

    private final TargetName name;
    private final Store store;
    private final LedgerSettings settings;
    private final LongSupplier windowBytes;
    private final KeyQueues keys;
    private final StuckKeys held;
    private final Consumer<Runnable> update;
    private final Consumer<PendingChange> park;
    private final Map<Long, Key> recovering = new HashMap<>();
    /** The memory that the parked changes take. */
    private long bytes;
    /** The most bytes of the pages that are read now. */
    private long reading;

    /** A key that continues. */
    private static final class Key {
        private final long hash;
        /** Parked changes that were read, in order; the first is in hand. */
        private final ArrayDeque<PendingChange> parked = new ArrayDeque<>();
        /** Changes without rows, which follow all parked ones. */
        private final List<PendingChange> later = new ArrayList<>();

        private long readTo;
        private int pageSize = PAGE_FIRST;
        private boolean reading;
        /** The last page was short: new changes stay in memory, so that the store has soon no change of the key left. */
        private boolean nearEnd;
        /** A change of the key was about to be parked when the last read began, or has been since. */
        private boolean parkedSince;
        /** Nothing of the key is parked beyond what was read. */
        private boolean readAll;
        /** The target took a change of the key since it continues. */
        private boolean succeeded;

        private Key(long hash) {
            this.hash = hash;
        }
    }

    /**
     * @param update runs a change of state under the dispatcher's lock, from any thread
     * @param park parks a change that has no row
     */
    KeyRecovery(
            TargetName name,
            Store store,
            LedgerSettings settings,
            LongSupplier windowBytes,
            KeyQueues keys,
            StuckKeys held,
            Consumer<Runnable> update,
            Consumer<PendingChange> park) {
        this.name = name;
        this.store = store;
        this.settings = settings;
        this.windowBytes = windowBytes;
        this.keys = keys;
        this.held = held;
        this.update = update;
        this.park = park;
        held.continuing(recovering.keySet());
    }

    /** The memory that the parked changes take, with those of pages that are read now. */
    long bytes() {
        return bytes + reading;
    }

    /** Whether one more key may continue: half of the memory is left to those that do. */
    boolean hasRoom() {
        return bytes() < windowBytes.getAsLong() / 2;
    }

    boolean contains(long keyHash) {
        return recovering.containsKey(keyHash);
    }

    /**
     * The key continues: all earlier outcomes of it are durable.
     *
     * @param succeeded whether the target took the change that had been stuck
     */
    void start(long keyHash, boolean succeeded) {
        Key key = new Key(keyHash);
        key.succeeded = succeeded;
        recovering.put(keyHash, key);
        readOn(key);
    }

    /** Keeps a new change of a recovering key in memory; returns whether it did. */
    boolean add(PendingChange item) {
        Key key = recovering.get(item.keyHash());
        if (key == null || !key.nearEnd) {
            return false;
        }
        key.later.add(item);
        return true;
    }

    /** A write will park a change of the key. */
    void startParking(long keyHash) {
        Key key = recovering.get(keyHash);
        if (key != null) {
            key.parkedSince = true;
        }
    }

    /** A write that parks a change of the key is durable. */
    void endParking(long keyHash) {
        Key key = recovering.get(keyHash);
        if (key != null) {
            readOn(key);
        }
    }

    /** The change in hand is finished; the next of its key is made ready to send. */
    void advance(PendingChange finished, boolean delivered) {
        Key key = recovering.get(finished.keyHash());
        if (key == null || key.parked.peek() != finished) {
            throw new IllegalStateException("not the first of a recovering key: sequence " + finished.sequence());
        }
        key.parked.remove();
        bytes -= finished.size();
        key.succeeded |= delivered;
        sendNext(key);
    }

    /** Ends the recovery of a key, if it recovers: what was read remains parked, and what has no row is parked too. */
    void end(long keyHash) {
        Key key = recovering.remove(keyHash);
        if (key != null) {
            bytes -= key.parked.stream().mapToLong(PendingChange::size).sum();
            key.later.forEach(park);
        }
    }

    /** Forgets all; the next start reads the store anew. */
    void clear() {
        recovering.clear();
        bytes = 0;
    }

    /** The keys that recover now. */
    List<Long> keys() {
        return List.copyOf(recovering.keySet());
    }

    private void sendNext(Key key) {
        PendingChange next = key.parked.peek();
        if (next != null) {
            next.setRetry(!key.succeeded);
            held.advance(next);
        } else if (key.readAll) {
            recovering.remove(key.hash);
            held.free(key.hash);
            key.later.forEach(keys::add);
        } else {
            readOn(key);
        }
    }

    /** Reads the next page if it is time: near the end only when no change of the key is about to be parked. */
    private void readOn(Key key) {
        boolean parking = held.isParking(key.hash);
        if (key.parked.isEmpty() && !key.reading && !key.readAll && !(key.nearEnd && parking)) {
            key.reading = true;
            key.parkedSince = parking;
            long after = key.readTo;
            int limit = key.pageSize;
            long room = windowBytes.getAsLong() - bytes();
            long bytesMax = Math.max(0, Math.min(PAGE_BYTES, room / ROOM_PARTS));
            reading += bytesMax;
            settings.scheduler().execute(() -> read(key, after, limit, bytesMax));
        }
    }

    private void read(Key key, long after, int limit, long bytesMax) {
        List<DueChange> page;
        try {
            page = store.held(name, key.hash, after, limit, bytesMax);
        } catch (RuntimeException e) {
            LOG.error("Reading parked changes for {} failed, trying again", name, e);
            settings.scheduler()
                    .schedule(() -> readAgain(key, bytesMax), STORE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        update.accept(() -> take(key, page, limit, bytesMax));
    }

    private void readAgain(Key key, long bytesMax) {
        update.accept(() -> {
            reading -= bytesMax;
            key.reading = false;
            if (recovering.get(key.hash) == key) {
                readOn(key);
            }
        });
    }

    private void take(Key key, List<DueChange> page, int limit, long bytesMax) {
        reading -= bytesMax;
        key.reading = false;
        if (recovering.get(key.hash) != key) {
            return;
        }
        if (!page.isEmpty() && page.get(0).dueAt() != null) { // a dead letter of the key was replayed: it goes first
            end(key.hash);
            held.expectDue();
            return;
        }
        long pageBytes = 0;
        for (DueChange change : page) {
            key.parked.add(PendingChange.parked(change));
            key.readTo = change.entry().sequence();
            pageBytes += change.entry().change().memoryBytes();
        }
        bytes += pageBytes;
        boolean isShort = page.isEmpty() || page.size() < limit && pageBytes <= bytesMax;
        key.readAll = isShort && !key.parkedSince;
        key.nearEnd |= isShort;
        key.pageSize = Math.min(PAGE_LAST, 2 * key.pageSize);
        sendNext(key);
    }
}
