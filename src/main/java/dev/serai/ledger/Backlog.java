package dev.serai.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of its flow a target has still to take in. While it keeps up, that comes straight from each commit; otherwise it
 * is read from the store, a window at a time.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class Backlog {
    private final Limits limits;
    private final Window window;
    /** Every change of the flow up to here was taken in. */
    private long scanned;
    /** The newest change that is known to be in the ledger. */
    private long newest;
    /** Nothing in the store lies between {@code scanned} and the next commit. */
    private boolean caughtUp;

    private boolean reading;

    Backlog(Limits limits) {
        this.limits = limits;
        this.window = new Window(limits);
    }

    /** One read of the store: the changes beyond {@code after}, within the limits, known to reach up to {@code newest}. */
    record Read(long after, long newest, int limit, long bytesMax) {}

    /** Begins behind a position. */
    void start(long position, long newestInLedger) {
        scanned = position;
        resync(newestInLedger);
    }

    /** Whether a change just committed is to be taken in now; if not, it will be read. */
    boolean takesFromCommit(Entry entry, boolean active) {
        caughtUp = caughtUp && active && window.hasRoom();
        newest = entry.sequence();
        return caughtUp;
    }

    /** Something may have been committed unseen. */
    void resync(long newestInLedger) {
        newest = Math.max(newest, newestInLedger);
        caughtUp = false;
    }

    void take(Item item) {
        scanned = item.sequence();
        window.add(item);
    }

    /** A change that was taken in has a durable outcome. */
    void finish(Item item) {
        window.finish(item);
    }

    /** The read to make now, if it is time for one; the next comes only after it ended. */
    @Nullable Read nextRead() {
        if (caughtUp || reading || !window.isLow()) {
            return null;
        }
        reading = true;
        return new Read(scanned, newest, window.roomForChanges(), window.roomForBytes());
    }

    /** What was read has been taken in. */
    void endRead(Read read, List<Entry> entries) {
        reading = false;
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.change().body().length;
        }
        if (entries.size() < read.limit() && bytes < read.bytesMax()) {
            scanned = Math.max(scanned, read.newest());
            caughtUp = newest <= scanned;
        }
    }

    void failRead() {
        reading = false;
    }

    /** All changes up to here have a durable outcome. */
    long position() {
        Item first = window.first();
        return first == null ? scanned : first.sequence() - 1;
    }
}
