package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.Limits;
import java.util.ArrayDeque;
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
    private final ArrayDeque<PendingChange> items = new ArrayDeque<>();
    private int unfinished;
    private long unfinishedBytes;

    /** @param bytesMax how many bytes of bodies may be unfinished now */
    public InMemory(Limits limits, LongSupplier bytesMax) {
        this.limits = limits;
        this.bytesMax = bytesMax;
    }

    public void add(PendingChange item) {
        items.add(item);
        unfinished++;
        unfinishedBytes += item.size();
    }

    /** Notes that an item's outcome is durable. */
    public void finish(PendingChange item) {
        item.finish();
        unfinished--;
        unfinishedBytes -= item.size();
        while (!items.isEmpty() && items.element().isFinished()) {
            items.remove();
        }
    }

    /** The oldest item that is not finished, or null. */
    @Nullable PendingChange first() {
        return items.peek();
    }

    public boolean hasRoom() {
        return unfinished < limits.windowChangesMax()
                && unfinishedBytes < bytesMax.getAsLong()
                && items.size() < limits.spanMax();
    }

    /** Whether so little is left that it is time to read on. */
    public boolean isLow() {
        return unfinished <= limits.windowChangesMax() / 2
                && unfinishedBytes <= bytesMax.getAsLong() / 2
                && items.size() < limits.spanMax();
    }

    public int roomForChanges() {
        return limits.windowChangesMax() - unfinished;
    }

    long roomForBytes() {
        return bytesMax.getAsLong() - unfinishedBytes;
    }
}
