package dev.serai.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A target's unfinished changes in memory: one line per key, and of each line only the head may be on its way.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class Keys {
    private final Map<String, ArrayDeque<Item>> lines = new HashMap<>();
    private final ArrayDeque<Item> ready = new ArrayDeque<>();

    void add(Item item) {
        ArrayDeque<Item> line = lines.computeIfAbsent(item.key(), key -> new ArrayDeque<>(2));
        line.add(item);
        if (line.size() == 1) {
            ready.add(item);
        }
    }

    /** The next head to be sent, or null. It stays its line's head until it is removed or put back. */
    @Nullable Item next() {
        return ready.poll();
    }

    boolean hasNext() {
        return !ready.isEmpty();
    }

    /** Puts a head that was sent in vain behind the other heads. */
    void putBack(Item head) {
        ready.add(head);
    }

    /** Removes a finished head, so that the next of its key may go. */
    void remove(Item head) {
        ArrayDeque<Item> line = line(head);
        line.remove();
        if (line.isEmpty()) {
            lines.remove(head.key());
        } else {
            ready.add(line.element());
        }
    }

    /** Removes a head with everything behind it; returns what stood behind it, in order. */
    List<Item> removeLine(Item head) {
        ArrayDeque<Item> line = line(head);
        line.remove();
        lines.remove(head.key());
        return new ArrayList<>(line);
    }

    /** Removes all of a key's line that is not on its way; returns it in order. */
    List<Item> removeWaiting(String key) {
        ArrayDeque<Item> line = lines.get(key);
        if (line == null) {
            return List.of();
        }
        List<Item> waiting = new ArrayList<>(line);
        Item head = line.element();
        if (ready.remove(head)) {
            lines.remove(key);
        } else {
            waiting.remove(0);
            line.clear();
            line.add(head);
        }
        return waiting;
    }

    boolean contains(String key) {
        return lines.containsKey(key);
    }

    private ArrayDeque<Item> line(Item head) {
        ArrayDeque<Item> line = lines.get(head.key());
        if (line == null || line.peek() != head) {
            throw new IllegalStateException("not at the head of its key: sequence " + head.sequence());
        }
        return line;
    }
}
