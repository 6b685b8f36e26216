package dev.serai.ledger.stuck;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parked changes of a target whose key has no change left that they wait for: a crash came between, a dead letter was
 * discarded while the target had no route, or dead letters no longer block. Also what waits from the time when the target
 * had no order.
 *
 * <p>Threads: used while the target's dispatcher does not run yet.
 */
public final class OrphanRelease {
    private static final int STEP = 500;
    private static final long PENDING_BYTES = 1L << 20;
    private static final int ORPHANS_MAX = 100_000;

    private final TargetName target;
    private final TargetOptions options;
    private final Store store;
    private final Writer writer;
    private final LedgerClock clock;
    private final Runnable inOrder;

    /** @param inOrder called by the writer: what is stored for the target is in the order of its keys from then on */
    public OrphanRelease(
            TargetName target, TargetOptions options, Store store, Writer writer, LedgerClock clock, Runnable inOrder) {
        this.target = target;
        this.options = options;
        this.store = store;
        this.writer = writer;
        this.clock = clock;
        this.inOrder = inOrder;
    }

    /** Makes the first of each key due; throws {@link StoreException} if that is not durable in the end. */
    public void release() {
        promote(List.of()); // all that an earlier subscription still had to write is durable after this
        if (clock.isFirstStart()) {
            limitDue(clock.steady().plus(options.redelivery().longestDelay()));
        }
        Map<Long, Long> blocked = new HashMap<>(); // key hash and first dead letter
        if (options.blockOnDeadLetter()) {
            store.eachDead(target, letter -> blocked.putIfAbsent(Hash.of(letter.key()), letter.sequence()));
        }
        if (options.ordered()) {
            putInOrder(blocked);
            writer.write(new WorkWrite<>(true, transaction -> {
                inOrder.run();
                return true;
            }));
            putInOrder(blocked); // dead letters that were replayed meanwhile
        }
        List<Long> orphans = orphans(blocked.keySet());
        while (!orphans.isEmpty()) {
            for (int from = 0; from < orphans.size(); from += STEP) {
                promote(orphans.subList(from, Math.min(orphans.size(), from + STEP)));
            }
            orphans = orphans(blocked.keySet());
        }
    }

    /** Some of the keys with parked changes of which none waits. */
    private List<Long> orphans(Set<Long> blocked) {
        List<Long> orphans = new ArrayList<>();
        store.heldKeys(target, (keyHash, waits) -> {
            if (!waits && orphans.size() < ORPHANS_MAX && !blocked.contains(keyHash)) {
                orphans.add(keyHash);
            }
        });
        return orphans;
    }

    /** What is due was written by the wall clock, which may have been set back since. */
    private void limitDue(Instant latest) {
        writer.write(new WorkWrite<>(true, transaction -> {
            transaction.limitDue(target, latest);
            return true;
        }));
    }

    /**
     * The target may have had no order until now: what waits for another attempt holds back its key from now on, and what is pending
     * before a change of its key that has a row goes first. That gets its row before anything else is changed, so that a start that
     * is interrupted can be repeated.
     */
    private void putInOrder(Map<Long, Long> blocked) {
        parkPending(blocked);
        List<Entry> entries = store.unordered(target, 0, STEP);
        while (!entries.isEmpty()) {
            List<Entry> step = entries;
            writer.write(new WorkWrite<>(true, transaction -> {
                step.forEach(entry -> putInOrder(transaction, entry, blocked));
                return true;
            }));
            entries = store.unordered(target, step.get(step.size() - 1).sequence(), STEP);
        }
    }

    private void parkPending(Map<Long, Long> blocked) {
        long position = store.counts(target).position();
        Map<Long, Long> newest = newestRows(position);
        long last =
                newest.values().stream().mapToLong(sequence -> sequence).max().orElse(0);
        List<Entry> entries = position < last ? store.pending(target, position, STEP, PENDING_BYTES) : List.of();
        while (!entries.isEmpty() && entries.get(0).sequence() < last) {
            List<Entry> step = entries.stream()
                    .filter(entry -> entry.sequence()
                            < newest.getOrDefault(Hash.of(entry.change().key()), 0L))
                    .toList();
            if (!step.isEmpty()) {
                writer.write(new WorkWrite<>(true, transaction -> {
                    step.forEach(entry -> parkPending(transaction, entry, blocked));
                    return true;
                }));
            }
            entries = store.pending(target, entries.get(entries.size() - 1).sequence(), STEP, PENDING_BYTES);
        }
    }

    /** By key hash: the newest change after the position that is not settled and has a row. */
    private Map<Long, Long> newestRows(long position) {
        Map<Long, Long> newest = new HashMap<>();
        // In this order: a dead letter that is replayed meanwhile is parked, then it waits.
        for (DeliveryState state : List.of(DeliveryState.DEAD, DeliveryState.PARKED, DeliveryState.WAITING)) {
            List<Store.Standing> page = store.standing(target, state, null, position, STEP);
            while (!page.isEmpty()) {
                page.forEach(row -> newest.merge(
                        Hash.of(row.entry().change().key()), row.entry().sequence(), Math::max));
                long last = page.get(page.size() - 1).entry().sequence();
                page = store.standing(target, state, null, last, STEP);
            }
        }
        return newest;
    }

    private void parkPending(Transaction transaction, Entry entry, Map<Long, Long> blocked) {
        if (transaction.delivery(target, entry.sequence()) == null) {
            long keyHash = Hash.of(entry.change().key());
            transaction.settle(entry.sequence(), keyHash, DeliveryState.PENDING, parked());
            putInOrder(transaction, entry, blocked);
            if (!isBlocked(keyHash, entry.sequence(), blocked)) {
                transaction.promote(target, keyHash, clock.steady());
            }
        }
    }

    private Delivery parked() {
        return new Delivery(target, DeliveryState.PARKED, 0, null, null, null, null);
    }

    private void putInOrder(Transaction transaction, Entry entry, Map<Long, Long> blocked) {
        long keyHash = Hash.of(entry.change().key());
        transaction.putInOrder(target, entry.sequence(), keyHash, isBlocked(keyHash, entry.sequence(), blocked));
    }

    private static boolean isBlocked(long keyHash, long sequence, Map<Long, Long> blocked) {
        return blocked.getOrDefault(keyHash, Long.MAX_VALUE) < sequence;
    }

    private void promote(List<Long> keys) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            keys.forEach(key -> transaction.promote(target, key, clock.steady()));
            return true;
        });
        writer.write(write);
    }
}
