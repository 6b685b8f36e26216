package dev.serai.store.postgres;

import dev.serai.store.jdbc.Dialect;
import dev.serai.store.jdbc.RowsAtOnce;
import dev.serai.store.jdbc.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's transactions and statements. */
public final class PostgresDialect implements Dialect {
    /** SQLite is told which index to use; PostgreSQL decides by itself, see {@link PostgresConnections}. */
    private static final Pattern HINT = Pattern.compile(" (NOT INDEXED|INDEXED BY \\w+)");

    private static final int FETCH_ROWS = 32;
    /**
     * No connection, too many of them, shut down or cancelled by the server, a lock or a statement that took too long, and a conflict
     * with another transaction.
     */
    private static final Set<String> AWAY = Set.of("08", "53300", "57", "55P03", "40", "25P03");

    private static final String DATA_EXCEPTION = "22";
    private static final String LIMIT_EXCEEDED = "54";

    private final Sql sql =
            new Sql("postgres", List.of("statements.sql", "shard.sql", "arrays.sql"), text -> HINT.matcher(text)
                    .replaceAll(""));

    @Override
    public Sql sql() {
        return sql;
    }

    @Override
    public @Nullable RowsAtOnce atOnce(Map<String, List<@Nullable Object[]>> rows, boolean commits) {
        return RowArrays.fits(rows) ? new RowArrays(this, rows, commits) : null;
    }

    /** The driver sends the start of the transaction together with its first statement. */
    @Override
    public void begin(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            connection.setAutoCommit(false);
        }
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        connection.clearWarnings();
        connection.commit();
        requireNone(connection.getWarnings());
    }

    /**
     * A commit that gives up waiting for a standby succeeds with a warning: then it is on the disk of this server only, so it counts
     * as failed, with an unknown outcome.
     */
    static void requireNone(@Nullable SQLWarning warning) throws SQLException {
        if (warning != null) {
            throw new SQLException(
                    "the commit ended with a warning: " + warning.getMessage(), warning.getSQLState(), warning);
        }
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        connection.rollback();
    }

    @Override
    public void endRead(Connection connection) throws SQLException {
        connection.rollback();
    }

    /** Without a limit the driver would read all rows of an answer into memory. */
    @Override
    public int fetchRows() {
        return FETCH_ROWS;
    }

    /** PostgreSQL has no NUL in texts. Keys, ids and versions never have one. */
    @Override
    public String text(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }

    @Override
    public boolean isAway(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return AWAY.stream().anyMatch(state::startsWith);
    }

    @Override
    public @Nullable String refusedValue(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        boolean refused = state.startsWith(DATA_EXCEPTION) || state.startsWith(LIMIT_EXCEEDED);
        return refused ? String.valueOf(e.getMessage()) : null;
    }
}
