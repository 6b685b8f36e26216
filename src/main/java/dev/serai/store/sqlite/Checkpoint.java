package dev.serai.store.sqlite;

import dev.serai.store.jdbc.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the write-ahead file into the ledger's file from time to time, and marks the file as incomplete without the former.
 *
 * <p>The mark is SQLite's {@code user_version}. Before each checkpoint it is set to {@link #PARTIAL} and after it to {@link
 * #WHOLE}, so that the file says {@code PARTIAL} while the newest value, in the write-ahead file, is {@code WHOLE}. Whoever
 * closes the last connection, this program or another, makes SQLite copy {@code WHOLE} into the file before it deletes the
 * write-ahead file. So a file that says {@code PARTIAL} and has no write-ahead file was copied alone, or lost that file.
 *
 * <p>Threads: one thread, the writer.
 */
final class Checkpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    static final int PARTIAL = 1;
    static final int WHOLE = 2;
    /** Of a backup that no node has opened yet, so that a write-ahead file beside it belongs to another file. */
    static final int COPIED = 3;
    /** Where SQLite's file format has {@code user_version}, big-endian. */
    static final int MARK_AT = 60;

    /** About one checkpoint per 64 MiB written, fewer and bigger ones than with SQLite's default of 1000 pages. */
    private static final int PAGES = 8000;
    /** Transactions between two looks at the size of the write-ahead file. */
    private static final int LOOK_EVERY = 8;

    private int begun;
    private long limit = PAGES;

    /** Runs before each transaction. Throws StoreException if the ledger must be reopened. */
    void step(Session writer) {
        if (++begun % LOOK_EVERY == 0) {
            long[] state = writer.first("walPages", row -> new long[] {row.getLong(2)});
            if (state != null && state[0] >= limit) {
                run(writer);
            }
        }
    }

    /** Runs a checkpoint; it never waits for readers, and what they keep from it is left for the next one. */
    void run(Session writer) {
        writer.execute("PRAGMA user_version=" + PARTIAL);
        try {
            long[] state = writer.first("checkpoint", row -> new long[] {row.getLong(2), row.getLong(3)});
            boolean complete = state != null && state[0] == state[1];
            limit = complete || state == null ? PAGES : state[0] + PAGES;
        } finally {
            writer.execute("PRAGMA user_version=" + WHOLE);
        }
    }

    /**
     * Moves all that is committed from the write-ahead file into the database and empties that file; throws {@link
     * SQLException} if not all of it is on disk after that.
     *
     * <p>Needed after a failed fsync: the system may then hold pages of the write-ahead file in memory that it will never write
     * again, and says nothing at the next fsync. Commits behind them would be lost with them at a power cut.
     */
    static void emptyWal(Connection writer) throws SQLException {
        try (Statement statement = writer.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            boolean busy = !rows.next() || rows.getInt(1) != 0;
            if (busy) {
                throw new SQLException("another program reads the ledger, so its write-ahead file cannot be emptied");
            }
        }
    }

    /**
     * Call after the last connection was closed. SQLite deletes the write-ahead file when it has copied all of it; if setting
     * the mark had failed before, it is set here.
     */
    static void disconnected(Path file, Path wal) {
        try {
            if (!Files.exists(wal) && lacksWal(file, wal)) {
                markWhole(file);
            }
        } catch (IOException e) {
            LOG.warn("{} could not be marked as complete: {}", file, e.toString());
        }
    }

    /** Whether changes are missing because the write-ahead file is. No connection may be open in this process. */
    static boolean lacksWal(Path file, Path wal) throws IOException {
        return mark(file) == PARTIAL && (!Files.exists(wal) || Files.size(wal) == 0);
    }

    /** Whether the write-ahead file was left by another ledger, in the place of which a backup was put. */
    static boolean hasForeignWal(Path file, Path wal) throws IOException {
        return mark(file) == COPIED && Files.exists(wal) && Files.size(wal) > 0;
    }

    /** Call before the first connection: from now on a write-ahead file belongs to the ledger. */
    static void use(Path file) throws IOException {
        if (mark(file) == COPIED) {
            markWhole(file);
        }
    }

    /** Marks a closed file as complete. No connection may be open in this process: closing a file releases SQLite's locks. */
    static void markWhole(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, WHOLE), MARK_AT);
            channel.force(true);
        }
    }

    private static int mark(Path file) throws IOException {
        ByteBuffer mark = ByteBuffer.allocate(Integer.BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.read(mark, MARK_AT) == Integer.BYTES ? mark.getInt(0) : 0;
        }
    }
}
