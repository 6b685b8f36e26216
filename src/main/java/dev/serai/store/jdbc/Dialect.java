package dev.serai.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a session has to know about its kind of database.
 *
 * <p>Threads: safe.
 */
public interface Dialect {

    /** The statements by name. */
    Sql sql();

    /** Starts a transaction that may write. */
    void begin(Connection connection) throws SQLException;

    void commit(Connection connection) throws SQLException;

    /**
     * How rows of these statements, in their order, are written in one round trip; null if that is not possible, or no gain.
     *
     * @param rows with the parameters of each statement
     * @param commits whether the same round trip commits
     */
    default @Nullable RowsAtOnce atOnce(Map<String, List<@Nullable Object[]>> rows, boolean commits) {
        return null;
    }

    /** Ends a transaction without its effect; does nothing if an error has already ended it. */
    void rollback(Connection connection) throws SQLException;

    /** Call after the statements of a read that is no write transaction. */
    void endRead(Connection connection) throws SQLException;

    /** So many rows are fetched at once; 0 for those that the driver chooses. */
    int fetchRows();

    /** A text as it can be stored. */
    String text(String text);

    /** Whether the error says that the database cannot be reached, or does not answer in time. */
    boolean isAway(SQLException e);

    /** Why the database refuses a value that it was given, while it works as such; null for any other error. */
    @Nullable String refusedValue(SQLException e);
}
