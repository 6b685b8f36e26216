package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DeliveryState;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The deliveries under way to a target.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class InFlight {
    private final Map<List<PendingChange>, Departure> batches = new IdentityHashMap<>();
    /** Oldest first; those that have ended are removed once they are the oldest. */
    private final ArrayDeque<Departure> departures = new ArrayDeque<>();

    private final Set<Long> sequences = new HashSet<>();
    private int waiting;
    private int parked;
    private int unproven;
    private int retries;

    /** When and from where a batch was sent. */
    private static final class Departure {
        private final SendLane lane;
        private final long atMillis;
        private boolean ended;

        private Departure(SendLane lane, long atMillis) {
            this.lane = lane;
            this.atMillis = atMillis;
        }
    }

    /** @param nowMillis on a monotonic clock */
    void add(List<PendingChange> batch, SendLane lane, long nowMillis) {
        Departure departure = new Departure(lane, nowMillis);
        departures.add(departure);
        batches.put(batch, departure);
        count(lane, 1);
        batch.forEach(item -> count(item, 1));
    }

    /** Sends the rest of a batch in its place. */
    void replace(List<PendingChange> batch, List<PendingChange> rest) {
        Departure departure = batches.remove(batch);
        if (departure == null) {
            return;
        }
        batch.forEach(item -> count(item, -1));
        if (rest.isEmpty()) {
            end(departure);
        } else {
            batches.put(rest, departure);
            rest.forEach(item -> count(item, 1));
        }
    }

    /** Removes a batch; returns false if it was removed before. */
    boolean remove(List<PendingChange> batch) {
        boolean known = batches.containsKey(batch);
        replace(batch, List.of());
        return known;
    }

    private void end(Departure departure) {
        departure.ended = true;
        count(departure.lane, -1);
        while (!departures.isEmpty() && departures.element().ended) {
            departures.remove();
        }
    }

    private void count(SendLane lane, int step) {
        unproven += lane == SendLane.UNPROVEN ? step : 0;
        retries += lane == SendLane.RETRY ? step : 0;
    }

    private void count(PendingChange item, int step) {
        if (step > 0) {
            sequences.add(item.sequence());
        } else {
            sequences.remove(item.sequence());
        }
        waiting += item.storedState() == DeliveryState.WAITING ? step : 0;
        parked += item.storedState() == DeliveryState.PARKED ? step : 0;
    }

    /** Deliveries under way, each of one change or of a batch. */
    int size() {
        return batches.size();
    }

    /** Deliveries of keys that failed last. */
    int retries() {
        return retries;
    }

    /** Deliveries of new changes of keys that are not known to succeed. */
    int unproven() {
        return unproven;
    }

    /** How long the oldest delivery has been under way; 0 if there is none. */
    long oldestMillis(long nowMillis) {
        Departure oldest = departures.peek();
        return oldest == null ? 0 : nowMillis - oldest.atMillis;
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
