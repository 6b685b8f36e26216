package dev.serai.reconcile.book;

import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What retention had deleted of the log before it was read: of keys that were not changed since nothing is known.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class LogGap {
    private static final String INCOMPLETE = "incomplete";

    private final BookTables file;

    LogGap(BookTables file) {
        this.file = file;
    }

    /** Whether there is none, so that a key that is not in the book is not in the log either. */
    public boolean isNone() {
        return file.meta(INCOMPLETE) == null;
    }

    /** All changes were read that were accepted from then on; null if there is no gap, or that is not known. */
    public @Nullable Instant end() {
        String since = file.meta(INCOMPLETE);
        try {
            return since == null ? null : Instant.parse(since);
        } catch (DateTimeException e) { // noted by an earlier version
            return null;
        }
    }

    /** There is one, before a change that was accepted then. */
    public void note(Instant end) {
        file.writeMeta(INCOMPLETE, end.toString());
    }
}
