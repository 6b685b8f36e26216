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

    public OrphanRelease(TargetName target, TargetOptions options, Store store, Writer writer, LedgerClock clock) {
        this.target = target;
        this.options = options;
        this.store = store;
        this.writer = writer;
        this.clock = clock;
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

    /** The target had no order until now: what waits for another attempt holds back its key from now on. */
    private void putInOrder(Map<Long, Long> blocked) {
        List<Entry> entries = store.unordered(target, 0, STEP);
        while (!entries.isEmpty()) {
            List<Entry> step = entries;
            writer.write(new WorkWrite<>(true, transaction -> {
                step.forEach(entry -> putInOrder(transaction, entry, blocked));
                return true;
            }));
            long last = step.get(step.size() - 1).sequence();
            entries = store.unordered(target, last, STEP);
            if (entries.isEmpty()) {
                parkPending(last, blocked);
            }
        }
    }

    /** What is pending before a change of its key that waits goes first, so it gets a row too. */
    private void parkPending(long last, Map<Long, Long> blocked) {
        List<Entry> entries = store.pending(target, store.counts(target).position(), STEP, PENDING_BYTES);
        while (!entries.isEmpty() && entries.get(0).sequence() < last) {
            List<Entry> step = entries;
            writer.write(new WorkWrite<>(true, transaction -> {
                step.stream().filter(entry -> entry.sequence() < last).forEach(entry -> {
                    long keyHash = Hash.of(entry.change().key());
                    if (transaction.isHeld(target, keyHash) && transaction.delivery(target, entry.sequence()) == null) {
                        transaction.settle(entry.sequence(), keyHash, DeliveryState.PENDING, parked());
                        putInOrder(transaction, entry, blocked);
                    }
                });
                return true;
            }));
            entries = store.pending(target, step.get(step.size() - 1).sequence(), STEP, PENDING_BYTES);
        }
    }

    private Delivery parked() {
        return new Delivery(target, DeliveryState.PARKED, 0, null, null, null, null);
    }

    private void putInOrder(Transaction transaction, Entry entry, Map<Long, Long> blocked) {
        long keyHash = Hash.of(entry.change().key());
        boolean isBlocked = blocked.getOrDefault(keyHash, Long.MAX_VALUE) < entry.sequence();
        transaction.putInOrder(target, entry.sequence(), keyHash, isBlocked);
    }

    private void promote(List<Long> keys) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            keys.forEach(key -> transaction.promote(target, key, clock.steady()));
            return true;
        });
        writer.write(write);
    }
}
