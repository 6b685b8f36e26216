package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.outlet.Slot;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one dispatcher that are under way.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class InFlight {
    private final Outlet outlet;
    private final Map<List<PendingChange>, Slot> batches = new IdentityHashMap<>();
    private final Set<Long> sequences = new HashSet<>();
    private long tick;

    /** @param outlet gets its slots back */
    InFlight(Outlet outlet) {
        this.outlet = outlet;
    }

    void add(List<PendingChange> batch, Slot slot) {
        slot.tick(tick);
        batches.put(batch, slot);
        batch.forEach(item -> sequences.add(item.sequence()));
    }

    /** Sends the rest of a batch in its place; returns false if the batch was removed before. */
    boolean replace(List<PendingChange> batch, List<PendingChange> rest) {
        Slot slot = batches.remove(batch);
        if (slot == null) {
            return false;
        }
        batch.forEach(item -> sequences.remove(item.sequence()));
        if (rest.isEmpty()) {
            outlet.free(slot);
        } else {
            slot.batch(rest);
            batches.put(rest, slot);
            rest.forEach(item -> sequences.add(item.sequence()));
        }
        return true;
    }

    /** Removes a batch; returns the slot that it had, or null if it was removed before. */
    @Nullable Slot remove(List<PendingChange> batch) {
        Slot slot = batches.get(batch);
        replace(batch, List.of());
        return slot;
    }

    /** What is under way counts no more: its outcomes are ignored, and others get its place. */
    void end() {
        for (Slot slot : batches.values()) {
            outlet.free(slot);
            outlet.giveBack();
        }
        batches.clear();
        sequences.clear();
    }

    /** One more tick is over; returns what was sent more than this many ticks ago, the oldest change first. */
    List<List<PendingChange>> overdue(int ticks) {
        tick++;
        return batches.entrySet().stream()
                .filter(sent -> tick - sent.getValue().tick() > ticks)
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparingLong(batch -> batch.get(0).sequence()))
                .toList();
    }

    /** Counts the ticks of a batch anew; returns false if it is not under way any more. */
    boolean restart(List<PendingChange> batch) {
        Slot slot = batches.get(batch);
        if (slot == null) {
            return false;
        }
        slot.tick(tick);
        return true;
    }

    /** Deliveries under way, each of one change or of a batch. */
    int size() {
        return batches.size();
    }

    boolean contains(long sequence) {
        return sequences.contains(sequence);
    }

    /** A copy. */
    Set<Long> sequences() {
        return new HashSet<>(sequences);
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
