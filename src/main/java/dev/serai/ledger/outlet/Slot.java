package dev.serai.ledger.outlet;

import dev.serai.ledger.outcome.PendingChange;
import java.util.List;

/**
 * The place of one delivery among those that may be under way to a target at once.
 *
 * <p>Threads: used under its outlet's lock.
 */
public final class Slot {
    private final OutletPart part;
    private final SendLane lane;
    private final long atMillis;
    private List<PendingChange> batch;
    private long tick;
    private boolean recalled;
    private boolean exempt;

    Slot(OutletPart part, SendLane lane, long atMillis, List<PendingChange> batch) {
        this.part = part;
        this.lane = lane;
        this.atMillis = atMillis;
        this.batch = batch;
    }

    OutletPart part() {
        return part;
    }

    SendLane lane() {
        return lane;
    }

    /** How long the delivery has been under way. */
    long ageMillis(long nowMillis) {
        return nowMillis - atMillis;
    }

    List<PendingChange> batch() {
        return batch;
    }

    /** Only these of the batch are under way. */
    public void batch(List<PendingChange> rest) {
        batch = rest;
    }

    /** The tick at which its deadline began to count. */
    public long tick() {
        return tick;
    }

    public void tick(long now) {
        tick = now;
    }

    /** Whether the target was asked to end the delivery early. */
    boolean isRecalled() {
        return recalled;
    }

    void recall() {
        recalled = true;
    }

    /** Whether it is of no use to ask. */
    boolean isExempt() {
        return exempt;
    }

    /** The target does not end this delivery early. */
    void exempt() {
        recalled = false;
        exempt = true;
    }
}
