package dev.serai.store.copy;

import dev.serai.ledger.model.StoreException;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.Dialect;
import dev.serai.store.jdbc.Session;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One shard of one of the two ledgers, opened so that no node can use it.
 *
 * <p>Threads: one thread. Throws: {@link StoreException} for every database error.
 */
final class CopySide implements AutoCloseable {
    private final Database database;
    private final Dialect dialect;
    private final Connection connection;
    private final Session session;

    CopySide(Database database) {
        this.database = database;
        this.dialect = database.dialect();
        database.prepare();
        try {
            this.connection = database.writer(false);
            this.session = new Session(connection, dialect, database.name());
        } catch (SQLException e) {
            database.close();
            throw failed(e);
        }
    }

    // ---- Reading

    List<String> columns(CopiedTable table) {
        try (Statement statement = connection.createStatement();
                ResultSet none = statement.executeQuery("SELECT * FROM " + table.name() + " WHERE 1 = 0")) {
            ResultSetMetaData about = none.getMetaData();
            List<String> columns = new ArrayList<>();
            for (int column = 1; column <= about.getColumnCount(); column++) {
                columns.add(about.getColumnName(column));
            }
            return columns;
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            session.endRead();
        }
    }

    /** The rows after one with this key, in the order of their keys, a batch at most. @param after null for the first rows */
    List<Object[]> read(CopiedTable table, List<String> columns, Object @Nullable [] after) {
        String key = quoted(table.key());
        String marks = table.key().stream().map(column -> "?").collect(Collectors.joining(", "));
        String text = "SELECT " + quoted(columns) + " FROM " + table.name()
                + (after == null || table.hasOneRow() ? "" : " WHERE (" + key + ") > (" + marks + ")")
                + (table.hasOneRow() ? "" : " ORDER BY " + key) + " LIMIT " + table.batch();
        return rows(text, table.hasOneRow() ? null : after, columns.size());
    }

    /** The key of the last row; null if there is none. */
    Object @Nullable [] lastKey(CopiedTable table) {
        String text = "SELECT " + quoted(table.key()) + " FROM " + table.name() + " ORDER BY "
                + quoted(table.key()).replace(", ", " DESC, ") + " DESC LIMIT 1";
        List<Object[]> rows = rows(text, null, table.key().size());
        return rows.isEmpty() ? null : rows.get(0);
    }

    /** The highest sequence of a change that there is or was. */
    long lastSequence() {
        List<Object[]> rows = rows(
                "SELECT GREATEST_OF.seq FROM (SELECT seq FROM last_purged UNION ALL SELECT MAX(seq) FROM change) AS GREATEST_OF"
                        + " WHERE GREATEST_OF.seq IS NOT NULL ORDER BY GREATEST_OF.seq DESC LIMIT 1",
                null,
                1);
        return rows.isEmpty() ? 0 : ((Number) rows.get(0)[0]).longValue();
    }

    private static String quoted(List<String> columns) {
        return columns.stream().map(column -> '"' + column + '"').collect(Collectors.joining(", "));
    }

    private List<Object[]> rows(String text, Object @Nullable [] arguments, int columns) {
        try (PreparedStatement statement = connection.prepareStatement(text)) {
            for (int i = 0; arguments != null && i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            List<Object[]> rows = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    Object[] row = new Object[columns];
                    for (int column = 0; column < columns; column++) {
                        row[column] = found.getObject(column + 1);
                    }
                    rows.add(row);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** A text as this side can store it. */
    String text(String text) {
        return dialect.text(text);
    }

    // ---- Writing

    /** Makes room for changes up to a sequence. */
    void reserve(long lastSequence) {
        database.reserve(session, lastSequence);
    }

    void begin() {
        session.begin();
    }

    void empty(CopiedTable table) {
        session.execute("DELETE FROM " + table.name());
    }

    void write(CopiedTable table, List<String> columns, List<Object[]> rows) {
        String marks = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO " + table.name() + " (" + quoted(columns) + ") VALUES (" + marks + ")")) {
            for (Object[] row : rows) {
                for (int column = 0; column < row.length; column++) {
                    statement.setObject(column + 1, value(row[column]));
                }
                statement.addBatch();
            }
            statement.executeBatch();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** In a batch all numbers of a column have one type. */
    private @Nullable Object value(@Nullable Object value) {
        if (value instanceof Integer number) {
            return number.longValue();
        }
        return value instanceof String text ? text(text) : value;
    }

    void commit(long lastSequence) {
        database.commit(session, lastSequence);
    }

    /** Ends a read of a database in which each is a transaction. */
    void endRead() {
        session.endRead();
    }

    /** After the last row: the numbers that the database gives itself continue behind those of the rows. */
    void numbersContinue(long lastSequence) {
        session.begin();
        database.numbersContinue(session);
        commit(lastSequence);
    }

    private StoreException failed(SQLException e) {
        SQLException cause = e.getNextException() == null ? e : e.getNextException();
        return new StoreException("the ledger " + database.name() + " failed: " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        try {
            session.close();
            database.disconnected();
        } finally {
            database.close();
        }
    }
}
