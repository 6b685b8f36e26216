package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outlet.LaneSource;
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.outlet.SendLane;
import dev.serai.ledger.outlet.Slot;
import dev.serai.ledger.stuck.StuckKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Picks what is sent next: new changes, keys that continue after they were stuck, and retries take turns. For each retry that
 * fails in a row one more of the others goes before the next, up to a limit; not so the probes of a target that is down.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class SendQueue implements LaneSource {
    /** How many others go between two retries when all of these fail. */
    private static final int OTHERS_MAX = 15;

    private final KeyQueues keys;
    private final StuckKeys held;
    private final Backlog backlog;
    private final RunState state;
    private final Outlet outlet;
    private final InFlight inFlight;
    private final LeaseGate gate;
    private final GuardedRecords records;
    private SendLane lane = SendLane.RETRY;
    private boolean newestNext;
    private int retriesFailed;
    private int othersSinceRetry;

    SendQueue(
            KeyQueues keys,
            StuckKeys held,
            Backlog backlog,
            TargetOptions options,
            RunState state,
            Outlet outlet,
            InFlight inFlight,
            LeaseGate gate) {
        this.keys = keys;
        this.held = held;
        this.backlog = backlog;
        this.state = state;
        this.outlet = outlet;
        this.inFlight = inFlight;
        this.gate = gate;
        this.records = new GuardedRecords(options.versionGuard() && !options.ordered());
    }

    @Override
    public @Nullable SendLane nextLane() {
        if (!state.isActive() || !gate.isOpen()) {
            return null;
        }
        SendLane[] lanes = SendLane.values();
        SendLane retry = null;
        for (int step = 1; step <= lanes.length; step++) {
            SendLane next = lanes[(lane.ordinal() + step) % lanes.length];
            if (peek(next) != null && outlet.hasRoom(next)) {
                // While the target is down nothing tells which change would get through, so all lanes take turns.
                boolean isTurn = next != SendLane.RETRY || othersSinceRetry >= retriesFailed || !outlet.isUp();
                if (isTurn) {
                    return next;
                }
                retry = next; // unless the others have nothing to send
            }
        }
        return retry;
    }

    @Override
    public @Nullable SendLane prefer(boolean newest, LongPredicate keyHashes) {
        if (!state.isActive() || !gate.isOpen()) {
            return null;
        }
        for (SendLane next : List.of(SendLane.PROVEN, SendLane.UNPROVEN)) {
            if (keys.prefer(next, newest, keyHashes)) {
                return next;
            }
        }
        return null;
    }

    @Override
    public List<PendingChange> take(SendLane from, int most) {
        lane = from;
        if (outlet.isUp() && lane == SendLane.UNPROVEN && outlet.hasSlow()) {
            // Oldest and newest take turns where the keys before may hang, so that those behind do not wait for all of
            // them.
            newestNext = !newestNext;
            keys.prefer(lane, newestNext, key -> true);
        }
        List<PendingChange> batch = new ArrayList<>(1);
        int room = most;
        PendingChange item = peek(lane);
        while (item != null && batch.size() < Math.min(room, item.batchMax())) {
            room = Math.min(room, item.batchMax());
            skip();
            if (records.enter(item)) {
                batch.add(item);
            }
            item = peek(lane);
        }
        return batch;
    }

    @Override
    public void sent(List<PendingChange> batch, Slot slot) {
        for (PendingChange item : batch) {
            if (backlog.isFromBefore(item.sequence())) {
                item.setFromBefore();
            }
        }
        inFlight.add(batch, slot);
        othersSinceRetry = lane == SendLane.RETRY ? 0 : othersSinceRetry + 1;
    }

    private @Nullable PendingChange peek(SendLane from) {
        return switch (from) {
            case PROVEN, UNPROVEN -> keys.peek(from);
            case RECOVERING -> held.recovering().peek();
            case RETRY -> held.retries().peek();
        };
    }

    private void skip() {
        switch (lane) {
            case PROVEN, UNPROVEN -> keys.next(lane);
            case RECOVERING -> held.recovering().remove();
            case RETRY -> held.retries().remove();
        }
    }

    /** These changes are no longer under way. */
    void ended(Iterable<PendingChange> batch) {
        records.leave(batch, this::putBack);
    }

    /** The target answered, or did not: notes whether retries are worth a turn. */
    void attempted(List<PendingChange> batch, boolean delivered) {
        if (batch.stream().anyMatch(PendingChange::isRetry)) {
            retriesFailed = delivered ? 0 : Math.min(OTHERS_MAX, retriesFailed + 1);
        }
    }

    /** Puts back a change that was not delivered, as if it had not been sent. */
    void putBack(PendingChange item) {
        if (item.isStored()) {
            held.putBack(item);
        } else {
            keys.putBack(item);
        }
    }

    /** Whether more waits in the store than there is room for, while no key in memory is there that has not failed. */
    boolean isInTheWay(PendingChange item) {
        return item.isStored()
                ? held.isReadNeeded() && held.areAllInHand(outlet::hasFailed)
                : backlog.isFull() && keys.areAll(outlet::hasFailed);
    }

    /** Puts a failed batch back, to be sent in halves until the change at fault is alone. */
    void split(List<PendingChange> batch) {
        for (PendingChange item : batch) {
            item.limitBatch((batch.size() + 1) / 2);
            putBack(item);
        }
    }
}
