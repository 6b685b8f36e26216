package dev.serai.ledger.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may be sent next: new changes and those that are due again, in turns, so that one that fails each time keeps no other
 * from being the next.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class SendQueue {
    private final KeyQueues keys;
    private final StuckKeys held;
    private boolean heldIsNext;

    SendQueue(KeyQueues keys, StuckKeys held) {
        this.keys = keys;
        this.held = held;
    }

    boolean hasNext() {
        return held.hasNext() || keys.hasNext();
    }

    /** The next changes, each of another key. */
    List<PendingChange> next(int most) {
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

    /** Puts back what was sent in vain. */
    void putBack(PendingChange item) {
        if (item.isStored()) {
            held.putBack(item);
        } else {
            keys.putBack(item);
        }
    }

    /** Puts a failed batch back, to be sent in halves until the change that is to blame is alone. */
    void split(List<PendingChange> batch) {
        for (PendingChange item : batch) {
            item.limitBatch((batch.size() + 1) / 2);
            putBack(item);
        }
    }
}
