package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.stuck.StuckKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Picks the batches to send: new changes, keys that continue after they were stuck, and retries take turns, and retries
 * hold at most half of the deliveries, so that changes that fail every time do not hold back the others.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class SendQueue {
    /** A delivery that takes longer than this may hang. */
    private static final long SLOW_MILLIS = 1_000;

    private final KeyQueues keys;
    private final StuckKeys held;
    private final Backlog backlog;
    private final TargetOptions options;
    private final RunState state;
    private final Throttle throttle;
    private final ProvenKeys proven;
    private final InFlight inFlight;
    private final GuardedRecords records;
    private final WakeTimer wake;
    private final LongSupplier millis;
    private SendLane lane = SendLane.RETRY;
    private boolean newestNext;

    /**
     * @param wake rings when picking is worth another try
     * @param millis the time on a monotonic clock
     */
    SendQueue(
            KeyQueues keys,
            StuckKeys held,
            Backlog backlog,
            TargetOptions options,
            RunState state,
            Throttle throttle,
            ProvenKeys proven,
            InFlight inFlight,
            WakeTimer wake,
            LongSupplier millis) {
        this.keys = keys;
        this.held = held;
        this.backlog = backlog;
        this.options = options;
        this.state = state;
        this.throttle = throttle;
        this.proven = proven;
        this.inFlight = inFlight;
        this.records = new GuardedRecords(options.versionGuard() && !options.ordered());
        this.wake = wake;
        this.millis = millis;
    }

    /** Adds the batches that may be sent now, which are then under way. */
    void pick(List<List<PendingChange>> batches) {
        while (maySend()) {
            List<PendingChange> batch = next(throttle.most(options.batchSize()));
            if (batch.isEmpty()) { // all that was ready waits for others of its record
                throttle.giveBack();
                continue;
            }
            inFlight.add(batch, lane, millis.getAsLong());
            long number = throttle.sent(batch.size());
            batch.forEach(item -> item.sent(number));
            batches.add(batch);
        }
    }

    /** Whether something may be sent now, and then chooses the lane. */
    private boolean maySend() {
        SendLane next = state.isActive() && inFlight.size() < options.concurrency() ? nextLane() : null;
        if (next == null) {
            return false;
        }
        if (!throttle.tryPass()) {
            wake.in(throttle.untilNext().toMillis());
            return false;
        }
        lane = throttle.isUp() ? next : probeLane(next);
        if (throttle.isUp() && lane == SendLane.UNPROVEN && isSlow()) {
            keys.prefer(lane, isNewestNext(), key -> true);
        }
        return true;
    }

    private boolean isSlow() {
        return inFlight.oldestMillis(millis.getAsLong()) >= SLOW_MILLIS;
    }

    /** Oldest and newest take turns where the keys before may hang, so that those behind them do not wait for all of them. */
    private boolean isNewestNext() {
        newestNext = !newestNext;
        return newestNext;
    }

    /** From where a probe is taken: a key that succeeded last, else one that has not failed, else that of the lane in turn. */
    private SendLane probeLane(SendLane inTurn) {
        boolean newest = isNewestNext();
        for (LongPredicate better : List.<LongPredicate>of(throttle::hasSucceeded, key -> !throttle.hasFailed(key))) {
            for (SendLane next : List.of(SendLane.PROVEN, SendLane.UNPROVEN)) {
                if (keys.prefer(next, newest, better)) {
                    return next;
                }
            }
        }
        return inTurn;
    }

    /** The next lane in turn that has something to send. */
    private @Nullable SendLane nextLane() {
        SendLane[] lanes = SendLane.values();
        for (int step = 1; step <= lanes.length; step++) {
            SendLane next = lanes[(lane.ordinal() + step) % lanes.length];
            if (peek(next) != null && hasSlot(next)) {
                return next;
            }
        }
        return null;
    }

    /**
     * Whether the lane may use one more delivery. Retries leave half of the deliveries to others. New keys do so as well
     * until the target has taken a change, and together they leave a quarter to proven keys while a delivery is slow: a key
     * that hangs is only known by its first time-out.
     */
    private boolean hasSlot(SendLane next) {
        int all = options.concurrency();
        if (next == SendLane.RETRY) {
            return inFlight.retries() < Math.max(1, all / 2);
        }
        if (next != SendLane.UNPROVEN) {
            return true;
        }
        if (isSlow()) {
            return inFlight.unproven() + inFlight.retries() < Math.max(1, all - Math.max(1, all / 4));
        }
        boolean free = proven.isAny() || inFlight.unproven() < Math.max(1, all / 2);
        if (!free) {
            wake.in(SLOW_MILLIS); // then those under way are slow, and there is more room
        }
        return free;
    }

    /** The next changes of the lane, each of another key. */
    private List<PendingChange> next(int most) {
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
                ? held.isReadNeeded() && held.areAllInHand(throttle::hasFailed)
                : backlog.isFull() && keys.areAll(throttle::hasFailed);
    }

    /** Puts a failed batch back, to be sent in halves until the change at fault is alone. */
    void split(List<PendingChange> batch) {
        for (PendingChange item : batch) {
            item.limitBatch((batch.size() + 1) / 2);
            putBack(item);
        }
    }
}
