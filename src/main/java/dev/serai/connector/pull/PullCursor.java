package dev.serai.connector.pull;

import dev.serai.ledger.model.VersionOrder;
import org.jspecify.annotations.Nullable;

/**
 * How far one run of a pull has read, and from where the next has to read.
 *
 * <p>More records with the newest value may appear later. The value to save is therefore the one before it: the records with
 * the newest value are read again, whether the source compares with greater or with greater-or-equal, and the ledger
 * recognises them by their ids. If there is only one value after the cursor, the cursor stays.
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

    /** Starts at the saved value, if there is one. */
    public PullCursor(@Nullable String saved) {
        this.saved = saved;
    }

    /** Copies another cursor. */
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

    /** Whether all values arrived in non-decreasing order, so that no older value follows. */
    public boolean isSorted() {
        return sorted;
    }

    /** Whether any record had a value. */
    public boolean hasSeen() {
        return newest != null;
    }

    /** The value to save, never less than the saved one; null if there is none yet. */
    public @Nullable String toSave() {
        if (beforeNewest == null || (saved != null && VersionOrder.compare(beforeNewest, saved) < 0)) {
            return saved;
        }
        return beforeNewest;
    }
}
