package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A table or the result of a query that is read page by page, ordered by its cursor column and then by its id columns. No
 * connection is held between two pages.
 *
 * <p>Threads: safe.
 */
abstract sealed class SqlTable permits SqlitePullTable, PostgresPullTable, MysqlPullTable {
    private static final int ROWS_AT_ONCE = 16;
    /** The objects of a row. */
    private static final int ROW_BYTES = 1_024;

    /**
     * A row as a JSON object.
     *
     * @param version the value of the cursor column as in the body; null if there is none
     */
    record SqlPullRow(
            ObjectNode body, SqlMark mark, @Nullable String version) {}

    /**
     * The rows to read; all bounds are optional.
     *
     * @param after only rows after this position
     * @param overlap only rows that are at most this much older than {@code upTo}; empty for the default; null for all
     * @param upTo only rows up to and including this position
     */
    record Range(
            @Nullable SqlMark after,
            @Nullable String overlap,
            @Nullable SqlMark upTo) {}

    /**
     * The first rows of a range, in order.
     *
     * @param isLast whether the range has no more rows
     */
    record Page(List<SqlPullRow> rows, boolean isLast) {}

    final JdbcTemplate db;
    final TransactionTemplate transaction;
    final SqlColumns columns;
    final SqlColumn cursorColumn;
    final List<SqlColumn> idColumns;
    final String cursor;

    SqlTable(JdbcTemplate db, SqlColumns columns, String cursorColumn, List<String> idColumns) {
        this.db = db;
        db.setFetchSize(ROWS_AT_ONCE);
        this.transaction = new TransactionTemplate(
                new DataSourceTransactionManager(Objects.requireNonNull(db.getDataSource(), "has a data source")));
        this.columns = columns;
        this.cursorColumn = columns.get(cursorColumn);
        this.idColumns = idColumns.stream().map(columns::get).toList();
        this.cursor = ref(this.cursorColumn);
    }

    /**
     * The table of the dialect. Throws {@link IllegalArgumentException} if the table or a column is missing, and {@link
     * DataAccessException} if the database cannot be reached, or cannot compare the columns.
     */
    static SqlTable of(JdbcTemplate db, SqlColumns columns, String cursorColumn, List<String> idColumns) {
        SqlTable found =
                switch (columns.dialect()) {
                    case POSTGRESQL -> new PostgresPullTable(db, columns, cursorColumn, idColumns);
                    case SQLITE -> new SqlitePullTable(db, columns, cursorColumn, idColumns);
                    case MYSQL -> new MysqlPullTable(db, columns, cursorColumn, idColumns);
                };
        found.page(new Range(null, null, null), 0, 0);
        return found;
    }

    /** The column in a statement. */
    String ref(SqlColumn column) {
        return "r." + columns.quoted(column);
    }

    private String from() {
        return " FROM " + columns.from() + " AS r WHERE ";
    }

    private String ids(String separator) {
        return idColumns.stream().map(this::ref).collect(Collectors.joining(separator));
    }

    private SqlWhere withIds(String condition) {
        SqlWhere where = new SqlWhere().and(condition);
        idColumns.forEach(id -> where.and(ref(id) + " IS NOT NULL"));
        return where;
    }

    /**
     * Reads a page. Rows whose cursor or id is null are left out.
     *
     * @param bytesMax stops after the row that crosses this many bytes
     */
    Page page(Range range, int limit, long bytesMax) {
        SqlWhere where = withIds(cursor + " IS NOT NULL");
        SqlMark after = range.after();
        SqlMark upTo = range.upTo();
        if (after != null && !after.ids().isEmpty()) {
            compare(where, " > ", sorted(), values(after));
        } else if (after != null) {
            where.and(cursor + " >= " + mark(cursorColumn), bound(cursorColumn, after.at()));
        } else if (upTo != null && range.overlap() != null) {
            older(where, upTo.at(), range.overlap());
        }
        if (upTo != null && !upTo.ids().isEmpty()) {
            compare(where, " <= ", sorted(), values(upTo));
        }
        return rows(where, cursor + ", " + ids(", "), limit, bytesMax);
    }

    /** A value for each id column; a loop, since it is called for each row. */
    List<JsonNode> idsOf(Function<SqlColumn, JsonNode> value) {
        List<JsonNode> ids = new ArrayList<>(idColumns.size());
        for (SqlColumn id : idColumns) {
            ids.add(value.apply(id));
        }
        return ids;
    }

    private List<SqlColumn> sorted() {
        List<SqlColumn> sorted = new ArrayList<>(idColumns);
        sorted.add(0, cursorColumn);
        return sorted;
    }

    private List<Object> values(SqlMark mark) {
        List<Object> values = values(mark.ids());
        values.add(0, bound(cursorColumn, mark.at()));
        return values;
    }

    private List<Object> values(List<JsonNode> ids) {
        if (ids.size() != idColumns.size()) {
            throw new IllegalArgumentException("the saved cursor has " + ids.size() + " ids, but idColumn names "
                    + idColumns.size() + ": set the cursor to the value to start from, with the command cursors");
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            values.add(bound(idColumns.get(i), ids.get(i)));
        }
        return values;
    }

    /** Compares the columns with the values, the first column first. */
    void compare(SqlWhere where, String operator, List<SqlColumn> sorted, List<Object> values) {
        String left = sorted.stream().map(this::ref).collect(Collectors.joining(", ", "(", ")"));
        String right = sorted.stream().map(this::mark).collect(Collectors.joining(", ", "(", ")"));
        where.and(left + operator + right, values.toArray());
    }

    Page rows(SqlWhere where, String order, int limit, long bytesMax) {
        String sql = "SELECT " + select() + from() + where + " ORDER BY " + order + " LIMIT " + limit;
        // In a transaction, since PostgreSQL's driver otherwise holds the whole result in memory.
        Page page = transaction.execute(status -> session(() -> read(sql, where.values(), limit, bytesMax)));
        return page == null ? new Page(List.of(), true) : page;
    }

    private Page read(String sql, Object[] values, int limit, long bytesMax) {
        List<SqlPullRow> rows = new ArrayList<>();
        long bytes = 0;
        try (Stream<Map<String, Object>> result = db.queryForStream(sql, new SqlRowReader(), values)) {
            Iterator<Map<String, Object>> each = result.iterator();
            while (bytes <= bytesMax && each.hasNext()) {
                Map<String, Object> row = each.next();
                rows.add(row(row));
                bytes += bytes(row);
            }
        }
        return new Page(rows, bytes <= bytesMax && rows.size() < limit);
    }

    /** About how much memory a row takes as JSON. */
    private static long bytes(Map<String, Object> row) {
        long bytes = ROW_BYTES;
        for (Object value : row.values()) {
            if (value instanceof String text) {
                bytes += 2L * text.length();
            } else if (value instanceof byte[] binary) {
                bytes += 4L * binary.length; // as Base64
            }
        }
        return bytes;
    }

    /** The last rows, the newest first; none that are known to be dated later than now, as far as the column's type tells. */
    List<SqlPullRow> newest(int limit, Instant now) {
        SqlWhere where = withIds(cursor + " IS NOT NULL");
        String latest = latest(now);
        if (latest != null) {
            where.and(cursor + " <= " + mark(cursorColumn), latest);
        }
        return rows(where, cursor + " DESC, " + ids(" DESC, ") + " DESC", limit, Long.MAX_VALUE)
                .rows();
    }

    /** The latest value that a row may have now; null if values are not known to be times. */
    @Nullable String latest(Instant now) {
        return null;
    }

    /**
     * The rows that have no value in the cursor column, ordered by their ids.
     *
     * @param after the ids after which to read; empty to read from the first row
     */
    Page withoutCursor(List<JsonNode> after, int limit, long bytesMax) {
        if (cursorColumn.isFilled()) {
            return new Page(List.of(), true);
        }
        SqlWhere where = withIds(cursor + " IS NULL");
        if (!after.isEmpty()) {
            compare(where, " > ", idColumns, values(after));
        }
        return rows(where, ids(", "), limit, bytesMax);
    }

    /** How many rows have no value in an id column: they have no place in the order, so they cannot be read. */
    long withoutId() {
        String isNull = idColumns.stream()
                .filter(id -> !id.isFilled())
                .map(id -> ref(id) + " IS NULL")
                .collect(Collectors.joining(" OR "));
        Long count = isNull.isEmpty() ? null : db.queryForObject("SELECT count(*)" + from() + isNull, Long.class);
        return count == null ? 0 : count;
    }

    /** Whether rows can become visible in another order than that in which they got their cursor values, and this sees it. */
    boolean hasWriters() {
        return false;
    }

    /** The transactions that have written to the table, or are writing, and have not ended; null if that is not known now. */
    @Nullable Set<String> writers() {
        return Collections.emptySet();
    }

    /** What keeps late rows from being seen; null if nothing does. */
    @Nullable String limitation() {
        return null;
    }

    /** The mark's cursor value, in a form that can be compared with the clock. */
    String time(SqlMark mark) {
        return mark.at().asText();
    }

    /** Runs a read on its connection. */
    <T> T session(Supplier<T> read) {
        return read.get();
    }

    /** Throws {@link IllegalArgumentException} if the overlap does not fit the type of the cursor column. */
    abstract void checkOverlap(String overlap);

    /** The select list that {@link #row} reads. */
    abstract String select();

    abstract SqlPullRow row(Map<String, Object> values);

    /** The SQL of a parameter for that column. */
    abstract String mark(SqlColumn column);

    abstract Object bound(SqlColumn column, JsonNode value);

    /** Adds the condition that the cursor is at most the overlap older than the value. */
    abstract void older(SqlWhere where, JsonNode at, String overlap);
}
