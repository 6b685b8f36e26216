package dev.serai.store.postgres;

import dev.serai.store.jdbc.RowsAtOnce;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rows of several statements as one text. Inserted rows are one statement with an array for each column; of the others there are
 * few, and each is a statement.
 *
 * <p>Threads: one thread.
 */
final class RowArrays implements RowsAtOnce {
    /** In {@code arrays.sql}, with this at the end of the name. */
    private static final Set<String> INSERTS = Set.of("insertChange", "insertPayload", "insertDelivery");

    private static final String ARRAYS = "Arrays";
    private static final Pattern COLUMN = Pattern.compile("CAST\\(\\? AS (\\w+)\\[]\\)");
    /** There is a text for each number of these rows. */
    private static final int UPDATES_MAX = 4;

    private final PostgresDialect dialect;
    private final Map<String, List<@Nullable Object[]>> rows;
    private final boolean commits;
    private final StringBuilder text = new StringBuilder();

    /**
     * @param rows that {@link #fits}
     * @param commits whether the text ends with the commit
     */
    RowArrays(PostgresDialect dialect, Map<String, List<@Nullable Object[]>> rows, boolean commits) {
        this.dialect = dialect;
        this.rows = rows;
        this.commits = commits;
        rows.forEach((name, of) -> {
            if (INSERTS.contains(name)) {
                add(dialect.sql().get(name + ARRAYS));
            } else {
                of.forEach(row -> add(dialect.sql().get(name)));
            }
        });
        if (commits) {
            add("COMMIT");
        }
    }

    static boolean fits(Map<String, List<@Nullable Object[]>> rows) {
        return !rows.isEmpty()
                && rows.entrySet().stream()
                        .allMatch(of ->
                                INSERTS.contains(of.getKey()) || of.getValue().size() <= UPDATES_MAX);
    }

    private void add(String statement) {
        text.append(text.isEmpty() ? "" : ";\n").append(statement);
    }

    @Override
    public String text() {
        return text.toString();
    }

    /** An error in one of the statements keeps the server from doing those after it. */
    @Override
    public void run(PreparedStatement statement) throws SQLException {
        bind(statement);
        statement.execute();
        if (commits) {
            PostgresDialect.requireNone(statement.getWarnings());
        }
    }

    private void bind(PreparedStatement statement) throws SQLException {
        int at = 1;
        for (Map.Entry<String, List<@Nullable Object[]>> of : rows.entrySet()) {
            if (INSERTS.contains(of.getKey())) {
                at = bindColumns(statement, at, COLUMN.matcher(dialect.sql().get(of.getKey() + ARRAYS)), of.getValue());
            } else {
                at = bindRows(statement, at, of.getValue());
            }
        }
    }

    /** Returns the place of the next parameter, as the other one does. */
    private static int bindRows(PreparedStatement statement, int first, List<@Nullable Object[]> rows)
            throws SQLException {
        int at = first;
        for (@Nullable Object[] row : rows) {
            for (Object value : row) {
                statement.setObject(at++, value);
            }
        }
        return at;
    }

    private int bindColumns(PreparedStatement statement, int first, Matcher columns, List<@Nullable Object[]> rows)
            throws SQLException {
        Connection connection = statement.getConnection();
        int column = 0;
        while (columns.find()) {
            String type = columns.group(1).toLowerCase(Locale.ROOT);
            statement.setArray(first + column, connection.createArrayOf(type, values(type, column, rows)));
            column++;
        }
        return first + column;
    }

    /** The driver sends arrays of these types in binary. */
    private @Nullable Object[] values(String type, int column, List<@Nullable Object[]> rows) {
        @Nullable Object[] values =
                switch (type) {
                    case "bigint" -> new Long[rows.size()];
                    case "integer" -> new Integer[rows.size()];
                    case "bytea" -> new byte[rows.size()][];
                    default -> new String[rows.size()];
                };
        for (int i = 0; i < values.length; i++) {
            Object value = rows.get(i)[column];
            if (value instanceof Number number) {
                values[i] = type.equals("bigint") ? (Object) number.longValue() : (Object) number.intValue();
            } else {
                values[i] = value instanceof String some ? dialect.text(some) : value;
            }
        }
        return values;
    }
}
