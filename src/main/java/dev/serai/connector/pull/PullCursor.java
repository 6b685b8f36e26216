package dev.serai.connector.pull;

import dev.serai.ledger.model.VersionOrder;
import org.jspecify.annotations.Nullable;

/**
 * How far one run of a pull has read, and from where the next has to read.
 *
 * <p>More records may still appear with the newest value seen. So the value to save is the one before it: the newest
 * value's records are read again, whether the source gives what is greater or also what is equal, and the ledger knows them
 * by their ids. With a single value since the cursor, the cursor stays.
 *
 * <p>Values compare as versions do, see {@link VersionOrder}.
 *
 * <p>Threads: for one.
 */
public final class PullCursor {
    private final @Nullable String saved;
    private @Nullable String newest;
    private @Nullable String beforeNewest;
    private @Nullable String last;
    private boolean sorted = true;

    /** Starts at what was saved before, if anything was. */
    public PullCursor(@Nullable String saved) {
        this.saved = saved;
    }

    /** With what the other has seen, to go on from or to drop. */
    public PullCursor(PullCursor other) {
        saved = other.saved;
        newest = other.newest;
        beforeNewest = other.beforeNewest;
        last = other.last;
        sorted = other.sorted;
    }

    /** Takes note of a record's value. */
    public void see(String value) {
        if (last != null && VersionOrder.compare(value, last) < 0) {
            sorted = false;
        }
        last = value;
        if (newest == null || VersionOrder.compare(value, newest) > 0) {
            beforeNewest = newest;
            newest = value;
        } else if (VersionOrder.compare(value, newest) < 0
                && (beforeNewest == null || VersionOrder.compare(value, beforeNewest) > 0)) {
            beforeNewest = value;
        }
    }

    /** Whether all values came in non-decreasing order, so that nothing older than the last is to come. */
    public boolean isSorted() {
        return sorted;
    }

    /** Whether any record had a value. */
    public boolean hasSeen() {
        return newest != null;
    }

    /** The value to save; never less than what was saved before, null if there is none yet. */
    public @Nullable String toSave() {
        if (beforeNewest == null || (saved != null && VersionOrder.compare(beforeNewest, saved) < 0)) {
            return saved;
        }
        return beforeNewest;
    }
}
