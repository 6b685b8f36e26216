package dev.serai.ledger.dispatch;

import dev.serai.ledger.outcome.PendingChange;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The records of which a change is under way to a target that has a version guard but no order: a second change of such a
 * record waits until the first has ended, because the guard can only leave out what is older than a version that was
 * delivered before. A change that failed holds back no other.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class GuardedRecords {
    private final boolean needed;
    /** By key of the record: what waits for the change under way, in order. */
    private final Map<String, ArrayDeque<PendingChange>> busy = new HashMap<>();

    /** @param needed whether changes of one record could be under way together otherwise */
    GuardedRecords(boolean needed) {
        this.needed = needed;
    }

    /** Takes a change's record if it is free; otherwise the change waits here until {@link #leave} gives it back. */
    boolean enter(PendingChange item) {
        if (!needed) {
            return true;
        }
        ArrayDeque<PendingChange> waiting = busy.get(key(item));
        if (waiting == null) {
            busy.put(key(item), new ArrayDeque<>(1));
            return true;
        }
        waiting.add(item);
        return false;
    }

    /** These changes are no longer under way; what waited for their records is to be sent now. */
    void leave(Iterable<PendingChange> ended, Consumer<PendingChange> again) {
        if (!needed) {
            return;
        }
        for (PendingChange item : ended) {
            ArrayDeque<PendingChange> waiting = busy.remove(key(item));
            if (waiting == null) {
                throw new IllegalStateException("not under way: sequence " + item.sequence());
            }
            List.copyOf(waiting).forEach(again);
        }
    }

    private static String key(PendingChange item) {
        return item.entry().change().key();
    }
}
