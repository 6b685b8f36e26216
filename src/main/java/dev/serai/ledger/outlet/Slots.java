package dev.serai.ledger.outlet;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The deliveries under way to a target, from all shards: never more than its concurrency, and retries hold at most half of
 * them, so that changes that fail every time do not hold back the others.
 *
 * <p>Threads: used under its outlet's lock.
 */
final class Slots {
    /** A delivery that takes longer than this may hang. */
    static final long SLOW_MILLIS = 1_000;

    private final int all;
    private final LongSupplier millis;
    /** Oldest first. */
    private final Set<Slot> taken = new LinkedHashSet<>();

    private int unproven;
    private int retries;

    /** @param millis the time on a monotonic clock */
    Slots(int all, LongSupplier millis) {
        this.all = all;
        this.millis = millis;
    }

    void take(Slot slot) {
        taken.add(slot);
        count(slot.lane(), 1);
    }

    void free(Slot slot) {
        if (taken.remove(slot)) {
            count(slot.lane(), -1);
        }
    }

    private void count(SendLane lane, int step) {
        unproven += lane == SendLane.UNPROVEN ? step : 0;
        retries += lane == SendLane.RETRY ? step : 0;
    }

    boolean isFull() {
        return taken.size() >= all;
    }

    int all() {
        return all;
    }

    int size() {
        return taken.size();
    }

    /** Retries may hold so many. */
    int half() {
        return Math.max(1, all / 2);
    }

    int retries() {
        return retries;
    }

    /** Oldest first. */
    Iterator<Slot> iterator() {
        return taken.iterator();
    }

    /** How long the oldest delivery has been under way; 0 if there is none. */
    long oldestMillis(long nowMillis) {
        return taken.isEmpty() ? 0 : taken.iterator().next().ageMillis(nowMillis);
    }

    boolean hasSlow() {
        return oldestMillis(millis.getAsLong()) >= SLOW_MILLIS;
    }

    /**
     * Whether the lane may use one more delivery. Retries leave half of the deliveries to others. New keys do so as well until the target has taken a change, and together they leave a quarter to proven keys while a delivery is slow:
     * a key that hangs is only known by its first time-out.
     *
     * @param anyProven whether the target ever took a change
     */
    boolean hasRoom(SendLane lane, boolean anyProven) {
        if (lane == SendLane.RETRY) {
            return retries < half();
        }
        if (lane != SendLane.UNPROVEN) {
            return true;
        }
        if (hasSlow()) {
            return unproven + retries < Math.max(1, all - Math.max(1, all / 4));
        }
        return anyProven || unproven < half();
    }
}
