package dev.serai.store.jdbc;

import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The database that keeps one shard of a ledger: how it is opened, kept in shape and left.
 *
 * <p>Threads: the writer's, but for {@link #reader}, {@link #space}, {@link #lapse}, {@link #backup}, {@link #name} and {@link #location}, which
 * are safe.
 */
public interface Database extends ReadSource, AutoCloseable {

    /**
     * Makes the ledger this process's own, creates it if it is missing, and checks it.
     *
     * @return what is damaged in a ledger that can be used all the same
     * @throws StoreOpenException if it cannot be used; it is then unchanged
     */
    List<LedgerFinding> prepare();

    /** Throws {@link StoreException} if a ledger whose commit failed should not be opened again yet. */
    void requireWritable();

    /**
     * A new connection that may write, to a ledger of this program's version.
     *
     * @param afterFailure whether a commit failed before: what seems committed must then be known to be durable
     */
    Connection writer(boolean afterFailure) throws SQLException;

    /** Call once when the writer's connection has read what it needs; throws {@link StoreException} if it cannot write. */
    void opened(Session writer);

    /**
     * Call before each transaction; throws {@link StoreException} if the ledger must be opened again.
     *
     * @param lastSequence of the newest change
     */
    void beforeTransaction(Session writer, long lastSequence);

    /** Makes room for changes that are copied from another ledger, up to a sequence; in a transaction of its own. */
    default void reserve(Session writer, long lastSequence) {}

    /** Call after rows of another ledger were written: the numbers that the database gives itself continue behind theirs. */
    default void numbersContinue(Session writer) {}

    /** The sequence of the next change after the newest one. */
    long nextSequence(long last);

    /** The statements whose rows most transactions write. */
    List<String> COMMON_ROWS =
            List.of("insertChange", "insertPayload", "insertDelivery", "countFlow", "countTarget", "position");

    /**
     * Writes what is batched of {@link #COMMON_ROWS}, and commits.
     *
     * @param lastSequence of the newest change
     */
    void commit(Session writer, long lastSequence);

    /**
     * What was deleted as a whole, and what is left to be deleted row by row.
     *
     * @param rowsUpTo the last sequence that may be deleted row by row
     * @param dropped whether something was deleted
     */
    record DropResult(long rowsUpTo, boolean dropped) {}

    /**
     * Deletes whole parts of the log whose changes are all past their retention, where the database has such parts.
     *
     * @param lastSequence of the newest change
     * @param settledUpTo the last sequence that is past its retention
     */
    DropResult dropExpired(Session writer, long lastSequence, long settledUpTo);

    /** Gives the room of deleted changes back, a little at a time; returns whether there is more to do. */
    boolean giveBack(Session writer);

    /** Call after the last connection was closed. */
    void disconnected();

    /** Where copies of what the database has may be kept while the process runs, or null. */
    @Nullable Path scratchFolder();

    /** See {@link dev.serai.ledger.model.Store#space}. */
    @Nullable Space space();

    /** See {@link dev.serai.ledger.model.Store#lapse}. */
    default @Nullable String lapse() {
        return null;
    }

    /** See {@link dev.serai.ledger.model.Store#backup}. */
    List<LedgerFinding> backup(Path file);

    /** See {@link dev.serai.ledger.model.Store#location}. */
    String location();

    /** Names the database as a whole, of which this may be a part. */
    String wholeName();

    /** Releases the ledger for other processes. */
    @Override
    void close();
}
