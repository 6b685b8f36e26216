package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Picks the batches to send: new changes and changes that are due again take turns, so that a change that fails every time
 * does not hold back the others.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class SendQueue {
    private final KeyQueues keys;
    private final StuckKeys held;
    private final TargetOptions options;
    private final RunState state;
    private final Throttle throttle;
    private final InFlight inFlight;
    private final WakeTimer wake;
    private boolean heldIsNext;

    /** @param wake rings when picking is worth another try */
    SendQueue(
            KeyQueues keys,
            StuckKeys held,
            TargetOptions options,
            RunState state,
            Throttle throttle,
            InFlight inFlight,
            WakeTimer wake) {
        this.keys = keys;
        this.held = held;
        this.options = options;
        this.state = state;
        this.throttle = throttle;
        this.inFlight = inFlight;
        this.wake = wake;
    }

    /** The batches that may be sent now, which are then under way. */
    List<List<PendingChange>> pick() {
        List<List<PendingChange>> batches = new ArrayList<>();
        while (maySend()) {
            List<PendingChange> batch = next(throttle.most(options.batchSize()));
            inFlight.add(batch);
            throttle.sent(batch.size());
            batches.add(batch);
        }
        return batches;
    }

    private boolean maySend() {
        if (!state.isActive() || inFlight.size() >= options.concurrency() || !hasNext()) {
            return false;
        }
        if (!throttle.tryPass()) {
            wake.in(throttle.untilNext().toMillis());
            return false;
        }
        return true;
    }

    private boolean hasNext() {
        return held.hasNext() || keys.hasNext();
    }

    /** The next changes, each of another key. */
    private List<PendingChange> next(int most) {
        heldIsNext = held.hasNext() && !(heldIsNext && keys.hasNext());
        List<PendingChange> batch = new ArrayList<>(1);
        int room = most;
        PendingChange item = peek();
        while (item != null && batch.size() < Math.min(room, item.batchMax())) {
            room = Math.min(room, item.batchMax());
            batch.add(item);
            skip();
            item = peek();
        }
        return batch;
    }

    private @Nullable PendingChange peek() {
        return heldIsNext ? held.peek() : keys.peek();
    }

    private void skip() {
        if (heldIsNext) {
            held.next();
        } else {
            keys.next();
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

    /** Puts a failed batch back, to be sent in halves until the change at fault is alone. */
    void split(List<PendingChange> batch) {
        for (PendingChange item : batch) {
            item.limitBatch((batch.size() + 1) / 2);
            putBack(item);
        }
    }
}
