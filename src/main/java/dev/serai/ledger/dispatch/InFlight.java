package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.outcome.PendingChange;
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
    private long tick;
    private int unproven;
    private int retries;

    /** When and from where a batch was sent. */
    private static final class Departure {
        private final SendLane lane;
        private final long atMillis;
        private long tick;
        private boolean ended;

        private Departure(SendLane lane, long atMillis, long tick) {
            this.lane = lane;
            this.atMillis = atMillis;
            this.tick = tick;
        }
    }

    /** @param nowMillis on a monotonic clock */
    void add(List<PendingChange> batch, SendLane lane, long nowMillis) {
        Departure departure = new Departure(lane, nowMillis, tick);
        departures.add(departure);
        batches.put(batch, departure);
        count(lane, 1);
        batch.forEach(item -> sequences.add(item.sequence()));
    }

    /** Sends the rest of a batch in its place; returns false if the batch was removed before. */
    boolean replace(List<PendingChange> batch, List<PendingChange> rest) {
        Departure departure = batches.remove(batch);
        if (departure == null) {
            return false;
        }
        batch.forEach(item -> sequences.remove(item.sequence()));
        if (rest.isEmpty()) {
            end(departure);
        } else {
            batches.put(rest, departure);
            rest.forEach(item -> sequences.add(item.sequence()));
        }
        return true;
    }

    /** Removes a batch; returns false if it was removed before. */
    boolean remove(List<PendingChange> batch) {
        return replace(batch, List.of());
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

    /** One more tick is over; returns what was sent more than this many ticks ago. */
    List<List<PendingChange>> overdue(int ticks) {
        tick++;
        return batches.entrySet().stream()
                .filter(sent -> tick - sent.getValue().tick > ticks)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Counts the ticks of a batch anew; returns false if it is not under way any more. */
    boolean restart(List<PendingChange> batch) {
        Departure departure = batches.get(batch);
        if (departure == null) {
            return false;
        }
        departure.tick = tick;
        return true;
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

    /** Changes on their way: those without a delivery row, those with a waiting row, those with a parked row. */
    int[] counts() {
        return new int[] {count(DeliveryState.PENDING), count(DeliveryState.WAITING), count(DeliveryState.PARKED)};
    }

    /** Changes on their way in a stored state; counted anew, because a change may get its row while it is under way. */
    int count(DeliveryState stored) {
        int count = 0;
        for (List<PendingChange> batch : batches.keySet()) {
            for (PendingChange item : batch) {
                count += item.storedState() == stored ? 1 : 0;
            }
        }
        return count;
    }
}
