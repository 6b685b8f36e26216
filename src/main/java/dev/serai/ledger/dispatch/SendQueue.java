package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Picks the batches to send: new changes, keys that continue after they were stuck, and retries take turns, and retries
 * hold at most half of the deliveries, so that changes that fail every time do not hold back the others.
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
    /** Keys that failed last hold at most half of the deliveries, so that the others always have the rest. */
    private final int retriesMax;
    private Lane lane = Lane.RETRY;

    /** Where the next change comes from. */
    private enum Lane {
        NEW,
        RECOVERING,
        RETRY
    }

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
        this.retriesMax = Math.max(1, options.concurrency() / 2);
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

    /** Whether something may be sent now, and then chooses the lane. */
    private boolean maySend() {
        Lane next = state.isActive() && inFlight.size() < options.concurrency() ? nextLane() : null;
        if (next == null) {
            return false;
        }
        if (!throttle.tryPass()) {
            wake.in(throttle.untilNext().toMillis());
            return false;
        }
        lane = next;
        return true;
    }

    /** The next lane in turn that has something to send. */
    private @Nullable Lane nextLane() {
        Lane[] lanes = Lane.values();
        for (int step = 1; step <= lanes.length; step++) {
            Lane next = lanes[(lane.ordinal() + step) % lanes.length];
            if (peek(next) != null && (next != Lane.RETRY || inFlight.retries() < retriesMax)) {
                return next;
            }
        }
        return null;
    }

    /** The next changes of the lane, each of another key. */
    private List<PendingChange> next(int most) {
        List<PendingChange> batch = new ArrayList<>(1);
        int room = most;
        PendingChange item = peek(lane);
        while (item != null && batch.size() < Math.min(room, item.batchMax())) {
            room = Math.min(room, item.batchMax());
            batch.add(item);
            skip();
            item = peek(lane);
        }
        return batch;
    }

    private @Nullable PendingChange peek(Lane from) {
        return switch (from) {
            case NEW -> keys.peek();
            case RECOVERING -> held.recovering().peek();
            case RETRY -> held.retries().peek();
        };
    }

    private void skip() {
        switch (lane) {
            case NEW -> keys.next();
            case RECOVERING -> held.recovering().remove();
            case RETRY -> held.retries().remove();
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
