package dev.serai.reconcile.book;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When runs of each kind began or ended last.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class RunTimes {
    private static final String LAST = "last:";

    private final BookTables file;

    RunTimes(BookTables file) {
        this.file = file;
    }

    /** Null if none was noted. */
    public @Nullable Instant last(String kind) {
        String millis = file.meta(LAST + kind);
        return millis == null ? null : Instant.ofEpochMilli(Long.parseLong(millis));
    }

    public void set(String kind, Instant time) {
        file.writeMeta(LAST + kind, String.valueOf(time.toEpochMilli()));
    }
}
