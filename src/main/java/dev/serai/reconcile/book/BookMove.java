package dev.serai.reconcile.book;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Copies a book that a node kept in its folder, for example as long as it had its ledger for itself, to where nodes share it.
 *
 * <p>Threads: one.  <p>Throws: {@link BookException}.
 */
final class BookMove {
    private static final Pattern TABLE = Pattern.compile("CREATE TABLE IF NOT EXISTS (\\w+)");
    private static final int ROWS = 1_000;

    private final List<String> names;

    /** @param tables the statements that make the tables of both */
    BookMove(String tables) {
        this.names =
                TABLE.matcher(tables).results().map(found -> found.group(1)).toList();
    }

    /** Whether nothing was ever written to a book. */
    boolean isNew(BookTables book) {
        return names.stream().allMatch(name -> book.first("SELECT 1 FROM " + name, row -> 1) == null);
    }

    /** Copies all tables, or none. */
    void copy(BookTables from, BookTables to) {
        to.write(in -> {
            for (String name : names) {
                copy(name, from, in);
            }
            return true;
        });
    }

    private static void copy(String name, BookTables from, BookTables to) throws SQLException {
        List<@Nullable Object[]> rows = new ArrayList<>();
        List<String> columns = new ArrayList<>();
        from.each("SELECT * FROM " + name, row -> {
            if (columns.isEmpty()) {
                columns.addAll(columns(row));
            }
            @Nullable Object[] values = new @Nullable Object[columns.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = row.getObject(i + 1);
            }
            rows.add(values);
            if (rows.size() == ROWS) {
                to.updateEach(insert(name, columns), rows);
                rows.clear();
            }
            return true;
        });
        if (!rows.isEmpty()) {
            to.updateEach(insert(name, columns), rows);
        }
    }

    private static List<String> columns(ResultSet row) throws SQLException {
        ResultSetMetaData about = row.getMetaData();
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= about.getColumnCount(); i++) {
            columns.add(about.getColumnName(i));
        }
        return columns;
    }

    private static String insert(String table, List<String> columns) {
        return "INSERT INTO " + table + " (" + String.join(", ", columns) + ") VALUES ("
                + String.join(", ", Collections.nCopies(columns.size(), "?")) + ")";
    }
}
