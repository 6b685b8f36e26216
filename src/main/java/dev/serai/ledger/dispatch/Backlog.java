package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.outcome.PendingChange;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a flow that its target still has to get. While the target keeps up, they come directly from each commit;
 * otherwise they are read from the store, one window at a time.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class Backlog {
    private final InMemory window;
    /** Every change of the flow up to here was taken in or has a delivery row. */
    private long scanned;
    /** The newest change whose commit was announced. */
    private long newest;
    /** Nothing in the store lies between {@code scanned} and the next commit. */
    private boolean caughtUp;
    /** Something may have been committed unseen since the last read began. */
    private boolean unseen;

    private boolean reading;
    /** The newest change that was in the ledger when the target started. */
    private long newestBefore;

    /** @param windowBytes how much memory unfinished changes may take now */
    public Backlog(Limits limits, LongSupplier windowBytes) {
        this.window = new InMemory(limits, windowBytes);
    }

    /** One read of the store: the changes after {@code after}, within the limits. */
    public record Read(long after, int limit, long bytesMax) {}

    /**
     * Starts after a position.
     *
     * @param newest the sequence of the newest change that is in the ledger before
     */
    public void start(long position, long newest) {
        newestBefore = newest;
        scanned = position;
        resync();
    }

    /** Whether to queue a change that was just committed; if not, it was read already or a later read returns it. */
    public boolean takesFromCommit(Entry entry, boolean active) {
        newest = Math.max(newest, entry.sequence());
        if (entry.sequence() <= scanned) {
            return false; // a read saw it between its commit and this call
        }
        caughtUp = caughtUp && active && window.hasRoom();
        return caughtUp;
    }

    /** Something may have been committed unseen. */
    public void resync() {
        caughtUp = false;
        unseen = true;
    }

    public void take(PendingChange item) {
        scanned = item.sequence();
        window.add(item);
    }

    /** Whether a change was in the ledger when its target started, and may have been under way when it ended before. */
    public boolean isFromBefore(long sequence) {
        return sequence <= newestBefore;
    }

    /** A change that was taken in has a durable outcome. */
    public void finish(PendingChange item) {
        window.finish(item);
    }

    /** The read to make now, if it is time for one; the next comes only after it ended. */
    public @Nullable Read nextRead() {
        if (caughtUp || reading || !window.isLow()) {
            return null;
        }
        reading = true;
        unseen = false;
        return new Read(scanned, window.roomForChanges(), window.roomForBytes());
    }

    /** What was read has been taken in. */
    public void endRead(Read read, List<Entry> entries) {
        reading = false;
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.change().memoryBytes();
        }
        if (entries.size() < read.limit() && bytes < read.bytesMax()) {
            caughtUp = !unseen && newest <= scanned;
        }
    }

    /** There are changes in the store for which memory has no room. */
    public boolean isFull() {
        return !caughtUp && !window.isLow();
    }

    void failRead() {
        reading = false;
    }

    /** See {@link InMemory#laggard}. */
    @Nullable PendingChange laggard() {
        return window.laggard();
    }

    /** All changes up to here have a durable outcome. */
    public long position() {
        PendingChange first = window.first();
        return first == null ? scanned : first.sequence() - 1;
    }
}
