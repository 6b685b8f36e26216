package dev.serai.reconcile.book;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.serai.text.ExactJson;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open tables of a {@link Book} or a {@link BillBook}, over one connection, which is made again when it is lost. Statements are such
 * that SQLite and PostgreSQL read alike.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
final class BookTables implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BookTables.class);

    private final TableSource source;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private @Nullable Connection connection;
    private volatile boolean isLost;
    private boolean isClosed;

    /** What is done with a row; returns whether the next one is wanted. */
    @FunctionalInterface
    interface EachRow {
        boolean row(ResultSet row) throws SQLException;
    }

    /** What is done in one transaction. */
    @FunctionalInterface
    interface BookWork<T extends @Nullable Object> {
        T in(BookTables tables) throws SQLException;
    }

    /** Makes a value of a row. */
    @FunctionalInterface
    interface RowRead<T> {
        T of(ResultSet row) throws SQLException;
    }

    BookTables(TableSource source) {
        this.source = source;
    }

    /** Whether another node has opened the book, so that this one can write to it no more. */
    boolean isLost() {
        return isLost;
    }

    /** See {@link TableSource#keyList}. */
    String keyList() {
        return source.keyList();
    }

    /** Keys as a parameter for it. */
    static String keys(Collection<String> keys) {
        ArrayNode list = ExactJson.MAPPER.createArrayNode();
        keys.forEach(list::add);
        return list.toString();
    }

    private Connection connection() throws SQLException {
        Connection now = connection;
        if (isClosed) {
            throw new SQLException("it is closed");
        }
        if (now == null || now.isClosed()) {
            statements.clear();
            now = source.connect();
            connection = now;
        }
        return now;
    }

    /** Does the work in one transaction. */
    synchronized <T extends @Nullable Object> T write(BookWork<T> work) {
        try {
            Connection open = connection();
            open.setAutoCommit(false);
            try {
                hold(open);
                T done = work.in(this);
                open.commit();
                return done;
            } catch (SQLException | RuntimeException e) {
                rollback(open);
                throw e;
            } finally {
                if (!open.isClosed()) {
                    open.setAutoCommit(true);
                }
            }
        } catch (SQLException e) {
            throw new BookException(source.name() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void hold(Connection open) throws SQLException {
        if (!source.hold(open)) {
            isLost = true;
            throw new SQLException("another node has opened it");
        }
    }

    private void rollback(Connection open) {
        try {
            open.rollback();
        } catch (SQLException e) {
            LOG.debug("A transaction of {} was not rolled back", source.name(), e);
        }
    }

    synchronized void each(String sql, EachRow each, @Nullable Object... parameters) {
        try {
            PreparedStatement statement = prepared(sql, parameters);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next() && each.row(rows)) {
                    // the next one
                }
            }
        } catch (SQLException e) {
            throw new BookException(source.name() + " cannot be read: " + e.getMessage(), e);
        }
    }

    <T> List<T> list(String sql, RowRead<T> read, @Nullable Object... parameters) {
        List<T> found = new ArrayList<>();
        each(sql, row -> found.add(read.of(row)), parameters);
        return found;
    }

    <T> @Nullable T first(String sql, RowRead<T> read, @Nullable Object... parameters) {
        List<T> found = new ArrayList<>();
        each(
                sql,
                row -> {
                    found.add(read.of(row));
                    return false;
                },
                parameters);
        return found.isEmpty() ? null : found.get(0);
    }

    /** The first column of the first row; 0 if there is none. */
    long number(String sql, @Nullable Object... parameters) {
        Long found = first(sql, row -> row.getLong(1), parameters);
        return found == null ? 0 : found;
    }

    synchronized int update(String sql, @Nullable Object... parameters) throws SQLException {
        return prepared(sql, parameters).executeUpdate();
    }

    static @Nullable Object[] row(@Nullable Object... parameters) {
        return parameters;
    }

    /** Does the same with each row of parameters, in one round trip; returns how many rows of the table each of them has changed. */
    synchronized int[] updateEach(String sql, List<@Nullable Object[]> rows) throws SQLException {
        if (rows.isEmpty()) {
            return new int[0];
        }
        PreparedStatement statement = prepared(sql, rows.get(0));
        statement.addBatch();
        for (@Nullable Object[] row : rows.subList(1, rows.size())) {
            prepared(sql, row).addBatch();
        }
        return statement.executeBatch();
    }

    /** The same in a transaction of its own. */
    void writeEach(String sql, List<@Nullable Object[]> rows) {
        if (!rows.isEmpty()) {
            write(in -> {
                in.updateEach(sql, rows);
                return true;
            });
        }
    }

    private PreparedStatement prepared(String sql, @Nullable Object... parameters) throws SQLException {
        Connection open = connection();
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = open.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            Object parameter = parameters[i];
            statement.setObject(i + 1, parameter instanceof Boolean flag ? Long.valueOf(flag ? 1 : 0) : parameter);
        }
        return statement;
    }

    @Nullable String meta(String name) {
        return first("SELECT value FROM meta WHERE name = ?", row -> row.getString(1), name);
    }

    void meta(String name, @Nullable String value) throws SQLException {
        if (value == null) {
            update("DELETE FROM meta WHERE name = ?", name);
        } else {
            update(
                    "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    name,
                    value);
        }
    }

    /** The same in a transaction of its own. */
    void writeMeta(String name, String value) {
        write(in -> {
            in.meta(name, value);
            return true;
        });
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        Connection open = connection;
        if (open == null) {
            return;
        }
        try {
            open.close(); // with its statements
        } catch (SQLException e) {
            LOG.debug("{} was not closed", source.name(), e);
        }
    }
}
