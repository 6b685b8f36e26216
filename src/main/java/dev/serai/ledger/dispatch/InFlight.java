package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DeliveryState;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What is on its way to a target.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class InFlight {
    private final Set<List<PendingChange>> batches = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Long> sequences = new HashSet<>();
    private int waiting;
    private int parked;
    private int retries;

    void add(List<PendingChange> batch) {
        batches.add(batch);
        for (PendingChange item : batch) {
            sequences.add(item.sequence());
            count(item, 1);
        }
        retries += batch.get(0).isRetry() ? 1 : 0;
    }

    /** Removes a batch; returns false if it was removed before. */
    boolean remove(List<PendingChange> batch) {
        if (!batches.remove(batch)) {
            return false;
        }
        for (PendingChange item : batch) {
            sequences.remove(item.sequence());
            count(item, -1);
        }
        retries -= batch.get(0).isRetry() ? 1 : 0;
        return true;
    }

    private void count(PendingChange item, int step) {
        waiting += item.storedState() == DeliveryState.WAITING ? step : 0;
        parked += item.storedState() == DeliveryState.PARKED ? step : 0;
    }

    /** Deliveries under way whose key failed last. */
    int retries() {
        return retries;
    }

    /** Deliveries under way, each of one change or of a batch. */
    int size() {
        return batches.size();
    }

    boolean contains(long sequence) {
        return sequences.contains(sequence);
    }

    /** Changes on their way that have no delivery row. */
    int pending() {
        return sequences.size() - waiting - parked;
    }

    /** Changes on their way whose row says that they wait. */
    int waiting() {
        return waiting;
    }

    /** Changes on their way whose row says that they are parked. */
    int parked() {
        return parked;
    }
}
