package dev.serai.store.sqlite;

import dev.serai.store.jdbc.Session;

/**
 * Gives the space of deleted changes back to the file system, a few pages at a time, where a fifth of the file is unused: less
 * than that is soon used again.
 *
 * <p>It moves pages from the end of the file to free places, which SQLite can do only in a file that was made for it; those of
 * version 4 and before keep their size.
 *
 * <p>Threads: one thread, the writer.
 */
final class FreeSpace {
    private static final int PART = 5;
    /** With pages of 8 KiB, 8 MiB. */
    private static final int PAGES_LEFT = 1024;

    private static final int STEP_PAGES = 64;

    /** Does one step; returns whether there is more to do. */
    boolean giveBack(Session session) {
        long free = session.number("freePages");
        if (free <= PAGES_LEFT
                || free < session.number("pages") / PART
                || session.number("autoVacuum") != SqliteDatabase.INCREMENTAL) {
            return false;
        }
        for (int i = 0; i < STEP_PAGES; i++) {
            session.execute("PRAGMA incremental_vacuum(1)"); // through JDBC a bigger number gives back one page, too
        }
        return true;
    }
}
