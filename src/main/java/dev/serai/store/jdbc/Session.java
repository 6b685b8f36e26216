package dev.serai.store.jdbc;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.store.crypt.BodyCipher;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection with its statements, which are prepared once and called by name.
 *
 * <p>Threads: one thread at a time. Throws: {@link StoreException} for every database error, but {@link IllegalArgumentException}
 * for a value that cannot be stored.
 */
public final class Session implements AutoCloseable {

    /** Reads one row. */
    public interface RowReader<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Takes one row; returns false to stop. */
    public interface Each {
        boolean take(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Dialect dialect;
    private final String where;
    private final BodyCipher bodies;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Map<String, PreparedStatement> atOnce = new HashMap<>();
    private final Map<String, List<@Nullable Object[]>> batches = new HashMap<>();

    /**
     * A session that leaves encrypted bodies as they are stored.
     *
     * @param where names the database in errors
     */
    public Session(Connection connection, Dialect dialect, String where) {
        this(connection, dialect, where, BodyCipher.NONE);
    }

    /**
     * A session that reads encrypted bodies.
     *
     * @param where names the database in errors
     */
    public Session(Connection connection, Dialect dialect, String where, BodyCipher bodies) {
        this.bodies = bodies;
        this.connection = connection;
        this.dialect = dialect;
        this.where = where;
    }

    public <T> List<T> list(String name, RowReader<T> row, @Nullable Object... args) {
        List<T> found = new ArrayList<>();
        each(
                name,
                one -> {
                    found.add(row.of(one));
                    return true;
                },
                args);
        return found;
    }

    public <T> @Nullable T first(String name, RowReader<T> row, @Nullable Object... args) {
        try (ResultSet rows = bound(name, args).executeQuery()) {
            return rows.next() ? row.of(rows) : null;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    public void each(String name, Each each, @Nullable Object... args) {
        try (ResultSet rows = bound(name, args).executeQuery()) {
            boolean more = true;
            while (more && rows.next()) {
                more = each.take(rows);
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Encrypts and decrypts bodies. */
    public BodyCipher bodies() {
        return bodies;
    }

    public boolean exists(String name, @Nullable Object... args) {
        return first(name, row -> true, args) != null;
    }

    /** The first column of the only row. */
    public long number(String name, @Nullable Object... args) {
        Long number = first(name, row -> row.getLong(1), args);
        if (number == null) {
            throw new StoreException("the statement " + name + " returned no row from the ledger " + where);
        }
        return number;
    }

    /** Runs the statement at once and returns how many rows it changed. */
    public int update(String name, @Nullable Object... args) {
        try {
            return bound(name, args).executeUpdate();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Adds a row that {@link #flush} writes. */
    public void batch(String name, @Nullable Object... args) {
        batches.computeIfAbsent(name, none -> new ArrayList<>()).add(args);
    }

    /** The statements that have rows which are not written yet. */
    public Set<String> batched() {
        return Set.copyOf(batches.keySet());
    }

    /** Runs the batch of this statement; returns whether each of its rows changed something. */
    public boolean flush(String name) {
        List<@Nullable Object[]> rows = batches.remove(name);
        if (rows == null) {
            return true;
        }
        try {
            PreparedStatement statement = prepared(name);
            statement.clearBatch(); // what is left of a row that could not be added
            for (@Nullable Object[] row : rows) {
                bound(name, row).addBatch();
            }
            boolean all = true;
            for (int changed : statement.executeBatch()) {
                all &= changed != 0;
            }
            return all;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Runs the batches of these statements, in this order. */
    public void flushAll(String... names) {
        for (String name : names) {
            flush(name);
        }
    }

    /** Runs the batches of these statements, in this order, and in one round trip if the database can. */
    public void flushAtOnce(List<String> names) {
        runAtOnce(names, false);
    }

    /** Runs the batches of these statements, in this order, and commits, all in one round trip if the database can. */
    public void commitAtOnce(List<String> names) {
        runAtOnce(names, true);
    }

    private void runAtOnce(List<String> names, boolean commits) {
        Map<String, List<@Nullable Object[]>> rows = new LinkedHashMap<>();
        for (String name : names) {
            if (batches.containsKey(name)) {
                rows.put(name, batches.get(name));
            }
        }
        RowsAtOnce all = dialect.atOnce(rows, commits);
        if (all == null) {
            rows.keySet().forEach(this::flush);
            if (commits) {
                commit();
            }
            return;
        }
        batches.keySet().removeAll(rows.keySet());
        try {
            PreparedStatement statement = atOnce.get(all.text());
            if (statement == null) {
                statement = connection.prepareStatement(all.text());
                atOnce.put(all.text(), statement);
            }
            all.run(statement);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Drops all batches. */
    public void clear() {
        batches.clear();
    }

    /** Runs a statement by its text. */
    public void execute(String text) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(text);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Starts a transaction that may write. */
    public void begin() {
        try {
            dialect.begin(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    public void commit() {
        try {
            dialect.commit(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Ends the transaction, if there is one, without its effect. */
    public void rollback() {
        try {
            dialect.rollback(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Call after the statements of a read that is no write transaction. */
    public void endRead() {
        try {
            dialect.endRead(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private PreparedStatement bound(String name, @Nullable Object... args) throws SQLException {
        PreparedStatement statement = prepared(name);
        for (int i = 0; i < args.length; i++) {
            statement.setObject(i + 1, args[i] instanceof String text ? dialect.text(text) : args[i]);
        }
        return statement;
    }

    private PreparedStatement prepared(String name) throws SQLException {
        PreparedStatement statement = statements.get(name);
        if (statement == null) {
            statement = connection.prepareStatement(dialect.sql().get(name));
            statement.setFetchSize(dialect.fetchRows());
            statements.put(name, statement);
        }
        return statement;
    }

    /** An error in a batch says the statement with all of its values, so its cause is told instead. */
    private RuntimeException failed(SQLException e) {
        SQLException cause =
                e instanceof BatchUpdateException && e.getCause() instanceof SQLException inner ? inner : e;
        String refused = dialect.refusedValue(cause);
        if (refused != null) {
            return new IllegalArgumentException("the ledger " + where + " cannot store a value: " + refused, cause);
        }
        String message = "the ledger " + where + " failed: " + cause.getMessage();
        return dialect.isAway(cause) ? new StoreAwayException(message, cause) : new StoreException(message, cause);
    }
}
