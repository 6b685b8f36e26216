package dev.serai.ledger.outlet;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Chooses deliveries to end early, when keys that always succeeded begin to hang at once: nothing but time tells them from the
 * others, and they would hold all slots until their time-out. See docs/decisions/016-slow-deliveries-give-up-their-slots.md.
 *
 * <p>A delivery is slow if it takes {@value #TIMES_USUAL} times as long as those that succeed, and at least a second. While all
 * slots are taken and others wait, slow deliveries and retries keep half of the slots together. A retry is never chosen, so a
 * change is chosen at most once. After each choice something must succeed before the next one: a target that hangs as a whole is an
 * outage.
 *
 * <p>Threads: used under its outlet's lock.
 */
final class SlotRecall {
    private static final int TIMES_USUAL = 20;
    /** The part that the latest success has in the usual time. */
    private static final double WEIGHT = 1.0 / 16;

    private static final long PAUSE_MILLIS = 100;

    private final Slots slots;
    private double usualMillis = -1;
    private boolean succeededSince = true;
    private long nextMillis = Long.MIN_VALUE / 2;
    private boolean someNotSlowYet;

    SlotRecall(Slots slots) {
        this.slots = slots;
    }

    void succeeded(long tookMillis) {
        usualMillis = usualMillis < 0 ? tookMillis : usualMillis + WEIGHT * (tookMillis - usualMillis);
        succeededSince = true;
    }

    long usualMillis() {
        return Math.round(usualMillis);
    }

    /** A delivery that takes longer is slow. */
    long slowMillis() {
        return Math.max(Slots.SLOW_MILLIS, (long) (TIMES_USUAL * usualMillis));
    }

    /** All slots are taken: how long until a choice is worth asking for; 0 means now, less than that never. */
    long untilNext(long nowMillis) {
        if (usualMillis < 0 || !succeededSince) {
            return -1;
        }
        long untilSlow = slowMillis() - slots.oldestMillis(nowMillis);
        return Math.max(0, Math.max(untilSlow, nextMillis - nowMillis));
    }

    /** Whether more deliveries become slow as time goes on, so that it is worth asking again although nothing happens. */
    boolean isWorthWaiting() {
        return succeededSince && someNotSlowYet;
    }

    /** The slots to take back, the deliveries that are nearest to their end left out: those then hold no more than half. */
    List<Slot> choose(long nowMillis) {
        nextMillis = nowMillis + PAUSE_MILLIS;
        someNotSlowYet = false;
        List<Slot> chosen = new ArrayList<>();
        int kept = slots.retries();
        Iterator<Slot> oldestFirst = slots.iterator();
        while (oldestFirst.hasNext()) {
            Slot slot = oldestFirst.next();
            long untilSlow = slowMillis() - slot.ageMillis(nowMillis);
            if (untilSlow > 0) {
                nextMillis = Math.max(nextMillis, nowMillis + untilSlow);
                someNotSlowYet = true;
                break;
            }
            if (slot.lane() == SendLane.RETRY) {
                continue;
            }
            if (kept >= slots.half() && !slot.isRecalled() && !slot.isExempt()) {
                slot.recall();
                chosen.add(slot);
            }
            kept++;
        }
        succeededSince = chosen.isEmpty();
        return chosen;
    }
}
