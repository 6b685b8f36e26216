package dev.serai.ledger;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a target has taken in but not finished, in sequence order: it bounds memory and tells the position.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class Window {
    private final Limits limits;
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private int unfinished;
    private long unfinishedBytes;

    Window(Limits limits) {
        this.limits = limits;
    }

    void add(Item item) {
        items.add(item);
        unfinished++;
        unfinishedBytes += item.size();
    }

    /** Notes that an item's outcome is durable. */
    void finish(Item item) {
        item.finish();
        unfinished--;
        unfinishedBytes -= item.size();
        while (!items.isEmpty() && items.element().isFinished()) {
            items.remove();
        }
    }

    /** The oldest item that is not finished, or null. */
    @Nullable Item first() {
        return items.peek();
    }

    boolean hasRoom() {
        return unfinished < limits.windowChangesMax()
                && unfinishedBytes < limits.windowBytesMax()
                && items.size() < limits.spanMax();
    }

    /** Whether so little is left that it is time to read on. */
    boolean isLow() {
        return unfinished <= limits.windowChangesMax() / 2
                && unfinishedBytes <= limits.windowBytesMax() / 2
                && items.size() < limits.spanMax();
    }

    int roomForChanges() {
        return limits.windowChangesMax() - unfinished;
    }

    long roomForBytes() {
        return limits.windowBytesMax() - unfinishedBytes;
    }
}
