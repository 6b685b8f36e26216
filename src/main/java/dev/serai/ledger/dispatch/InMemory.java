package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.Limits;
import dev.serai.ledger.outcome.PendingChange;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a target has taken in but not finished, in sequence order: it bounds memory and tells the position.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class InMemory {
    private final Limits limits;
    private final LongSupplier bytesMax;
    /** With the number of items that were added before. */
    private final Map<PendingChange, Long> unfinished = new LinkedHashMap<>();

    private @Nullable PendingChange first;
    private long addedBeforeFirst;
    private long added;
    private long unfinishedBytes;

    /** @param bytesMax how much memory unfinished changes may take now */
    public InMemory(Limits limits, LongSupplier bytesMax) {
        this.limits = limits;
        this.bytesMax = bytesMax;
    }

    public void add(PendingChange item) {
        if (first == null) {
            first = item;
            addedBeforeFirst = added;
        }
        unfinished.put(item, added);
        added++;
        unfinishedBytes += item.size();
    }

    /** Notes that an item's outcome is durable. */
    public void finish(PendingChange item) {
        if (unfinished.remove(item) == null) {
            return;
        }
        unfinishedBytes -= item.size();
        if (item == first) {
            Iterator<Map.Entry<PendingChange, Long>> rest =
                    unfinished.entrySet().iterator();
            Map.Entry<PendingChange, Long> next = rest.hasNext() ? rest.next() : null;
            first = next == null ? null : next.getKey();
            addedBeforeFirst = next == null ? added : next.getValue();
        }
    }

    /** The oldest item that is not finished, or null. */
    @Nullable PendingChange first() {
        return first;
    }

    /** The oldest item that is not finished, if so many came after it that it must not hold back the position; else null. */
    @Nullable PendingChange laggard() {
        return first != null && span() >= limits.spanMax() / 2 ? first : null;
    }

    /** How many items were added since the oldest unfinished one, itself included. */
    private long span() {
        return first == null ? 0 : added - addedBeforeFirst;
    }

    public boolean hasRoom() {
        return unfinished.size() < limits.windowChangesMax()
                && unfinishedBytes < bytesMax.getAsLong()
                && span() < limits.spanMax();
    }

    /** Whether so little is left that it is time to read on. */
    public boolean isLow() {
        return unfinished.size() <= limits.windowChangesMax() / 2
                && unfinishedBytes <= bytesMax.getAsLong() / 2
                && span() < limits.spanMax();
    }

    public int roomForChanges() {
        return limits.windowChangesMax() - unfinished.size();
    }

    long roomForBytes() {
        return bytesMax.getAsLong() - unfinishedBytes;
    }
}
