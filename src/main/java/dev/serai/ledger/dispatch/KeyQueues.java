package dev.serai.ledger.dispatch;

import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outlet.SendLane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A target's unfinished changes in memory: one line per key, and of each line only the head may be on its way.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class KeyQueues {
    private static final int SEARCHED_MAX = 1_000;

    private final Map<Long, Line> lines = new HashMap<>();
    private final LongPredicate proven;
    /** Lines whose head may be sent, of keys that are not known to succeed. */
    private final ArrayDeque<Line> ready = new ArrayDeque<>();
    /** The same of proven keys. */
    private final ArrayDeque<Line> readyProven = new ArrayDeque<>();

    private static final class Line {
        private final ArrayDeque<PendingChange> items = new ArrayDeque<>(2);
        private boolean ready;
    }

    /** @param proven whether a key is known to succeed */
    KeyQueues(LongPredicate proven) {
        this.proven = proven;
    }

    void add(PendingChange item) {
        Line line = lines.computeIfAbsent(item.keyHash(), hash -> new Line());
        line.items.add(item);
        if (line.items.size() == 1) {
            makeReady(line);
        }
    }

    /**
     * Adds an item in the place of all of its key that are not on their way.
     *
     * @return those, in order
     */
    List<PendingChange> replaceWaiting(PendingChange newest) {
        Line line = lines.get(newest.keyHash());
        if (line == null) {
            add(newest);
            return List.of();
        }
        PendingChange sent = line.ready ? null : line.items.remove();
        List<PendingChange> replaced = new ArrayList<>(line.items);
        line.items.clear();
        if (sent != null) {
            line.items.add(sent);
        }
        line.items.add(newest);
        return replaced;
    }

    /** The next head of the lane to be sent, or null. It stays its line's head until it is removed or put back. */
    @Nullable PendingChange next(SendLane lane) {
        Line line = ready(lane).poll();
        if (line == null) {
            return null;
        }
        line.ready = false;
        return line.items.element();
    }

    /** What {@link #next} would return. */
    @Nullable PendingChange peek(SendLane lane) {
        Line line = ready(lane).peek();
        return line == null ? null : line.items.element();
    }

    private ArrayDeque<Line> ready(SendLane lane) {
        return lane == SendLane.PROVEN ? readyProven : ready;
    }

    boolean areAll(LongPredicate keyHashes) {
        return lines.keySet().stream().allMatch(keyHashes::test);
    }

    /**
     * Puts one of these keys before the others of its lane.
     *
     * @param newest the one that became ready last, else the first; at most {@value #SEARCHED_MAX} are looked at
     * @return whether one is ready
     */
    boolean prefer(SendLane lane, boolean newest, LongPredicate keyHashes) {
        ArrayDeque<Line> lines = ready(lane);
        Iterator<Line> each = newest ? lines.descendingIterator() : lines.iterator();
        int searched = 0;
        while (each.hasNext()) {
            Line line = each.next();
            if (keyHashes.test(line.items.element().keyHash())) {
                each.remove();
                lines.addFirst(line);
                return true;
            }
            if (++searched == SEARCHED_MAX) {
                return false;
            }
        }
        return false;
    }

    /** Puts a head that was not delivered and is still pending after the other heads. */
    void putBack(PendingChange head) {
        makeReady(line(head));
    }

    /** Removes a finished head, so that the next change of its key can be sent. */
    void remove(PendingChange head) {
        Line line = line(head);
        line.items.remove();
        if (line.items.isEmpty()) {
            lines.remove(head.keyHash());
        } else {
            makeReady(line);
        }
    }

    /** Removes a head and all changes after it; returns the changes after it, in order. */
    List<PendingChange> removeLine(PendingChange head) {
        Line line = line(head);
        line.items.remove();
        lines.remove(head.keyHash());
        return new ArrayList<>(line.items);
    }

    /** Removes a key's line unless its head is in flight; returns the removed changes, in order. */
    List<PendingChange> removeUnsent(long keyHash) {
        Line line = lines.get(keyHash);
        if (line == null || !line.ready) {
            return List.of();
        }
        if (!ready.remove(line)) {
            readyProven.remove(line);
        }
        lines.remove(keyHash);
        return new ArrayList<>(line.items);
    }

    boolean contains(long keyHash) {
        return lines.containsKey(keyHash);
    }

    private void makeReady(Line line) {
        line.ready = true;
        boolean isProven = proven.test(line.items.element().keyHash());
        (isProven ? readyProven : ready).add(line);
    }

    private Line line(PendingChange head) {
        Line line = lines.get(head.keyHash());
        if (line == null || line.ready || line.items.peek() != head) {
            throw new IllegalStateException("not on its way at the head of its key: sequence " + head.sequence());
        }
        return line;
    }
}
