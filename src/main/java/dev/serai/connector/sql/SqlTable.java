package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ColumnMapRowMapper;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A table that is read page by page, ordered by its cursor column and then by its id column. No connection is held between
 * two pages.
 *
 * <p>Threads: safe.
 */
abstract sealed class SqlTable permits SqlitePullTable, PostgresPullTable {
    /** The default overlap for times. */
    static final String TIME_OVERLAP = "10s";

    /** The default overlap for numbers: those that take their number first may become visible last. */
    static final BigDecimal NUMBER_OVERLAP = BigDecimal.valueOf(1_000);

    private static final int ROWS_AT_ONCE = 16;
    /** The objects of a row. */
    private static final int ROW_BYTES = 1_024;

    /**
     * A position in the table.
     *
     * @param at the value of the cursor column
     * @param id the value of the id column; null for the position before all rows with that cursor value
     */
    record Mark(JsonNode at, @Nullable JsonNode id) {

        static Mark of(JsonNode json) {
            JsonNode id = json.get("id");
            return new Mark(json.path("at"), id == null || id.isNull() ? null : id);
        }

        ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("at", at);
            if (id != null) {
                json.set("id", id);
            }
            return json;
        }
    }

    /**
     * A row as a JSON object.
     *
     * @param version the value of the cursor column as in the body; null if there is none
     */
    record SqlPullRow(ObjectNode body, Mark mark, @Nullable String version) {}

    /**
     * The rows to read; all bounds are optional.
     *
     * @param after only rows after this position
     * @param overlap only rows that are at most this much older than {@code upTo}; empty for the default; null for all
     * @param upTo only rows up to and including this position
     */
    record Range(
            @Nullable Mark after,
            @Nullable String overlap,
            @Nullable Mark upTo) {}

    final JdbcTemplate db;
    private final TransactionTemplate transaction;
    final SqlColumns columns;
    final SqlColumn cursorColumn;
    final SqlColumn idColumn;
    final String cursor;
    final String id;

    SqlTable(JdbcTemplate db, SqlColumns columns, String cursorColumn, String idColumn) {
        this.db = db;
        db.setFetchSize(ROWS_AT_ONCE);
        this.transaction = new TransactionTemplate(
                new DataSourceTransactionManager(Objects.requireNonNull(db.getDataSource(), "has a data source")));
        this.columns = columns;
        this.cursorColumn = columns.get(cursorColumn);
        this.idColumn = columns.get(idColumn);
        this.cursor = "r." + this.cursorColumn.quoted();
        this.id = "r." + this.idColumn.quoted();
    }

    /**
     * Finds the table. Throws {@link IllegalArgumentException} if the table or a column is missing, and {@link
     * DataAccessException} if the database cannot be reached.
     */
    static SqlTable find(JdbcTemplate db, String table, String cursorColumn, String idColumn) {
        String quoted = SqlSink.table(table);
        SqlSink.option("cursorColumn", cursorColumn);
        SqlSink.option("idColumn", idColumn);
        SqlColumns columns = SqlColumns.of(db, quoted);
        SqlTable found = columns.isPostgres()
                ? new PostgresPullTable(db, columns, cursorColumn, idColumn)
                : new SqlitePullTable(db, columns, cursorColumn, idColumn);
        found.page(new Range(null, null, null), 0, 0); // fails here if the database cannot compare the columns
        return found;
    }

    /**
     * The first rows of a range, in order.
     *
     * @param isLast whether the range has no more rows
     */
    record Page(List<SqlPullRow> rows, boolean isLast) {}

    /**
     * Reads a page. Rows whose cursor or id is null are left out.
     *
     * @param bytesMax stops after the row that crosses this many bytes
     */
    Page page(Range range, int limit, long bytesMax) {
        List<Object> values = new ArrayList<>();
        List<String> where = new ArrayList<>(List.of(cursor + " IS NOT NULL", id + " IS NOT NULL"));
        Mark after = range.after();
        Mark upTo = range.upTo();
        if (after != null && after.id() != null) {
            where.add(pair(" > ", after.at(), after.id(), values));
        } else if (after != null) {
            values.add(bound(after.at()));
            where.add(cursor + " >= " + mark(cursorColumn));
        } else if (upTo != null && range.overlap() != null) {
            where.add(cursor + " >= " + older(upTo.at(), range.overlap(), values));
        }
        if (upTo != null && upTo.id() != null) {
            where.add(pair(" <= ", upTo.at(), upTo.id(), values));
        }
        return rows(where, cursor + ", " + id, values, limit, bytesMax);
    }

    private String pair(String compares, JsonNode at, JsonNode idValue, List<Object> values) {
        values.add(bound(at));
        values.add(bound(idValue));
        return "(" + cursor + ", " + id + ")" + compares + "(" + mark(cursorColumn) + ", " + mark(idColumn) + ")";
    }

    private Page rows(List<String> where, String order, List<Object> values, int limit, long bytesMax) {
        String sql = "SELECT " + select() + " FROM " + columns.table() + " AS r WHERE " + String.join(" AND ", where)
                + " ORDER BY " + order + " LIMIT " + limit;
        // In a transaction, since PostgreSQL's driver otherwise holds the whole result in memory.
        Page page = transaction.execute(status -> read(sql, values, limit, bytesMax));
        return page == null ? new Page(List.of(), true) : page;
    }

    private Page read(String sql, List<Object> values, int limit, long bytesMax) {
        List<SqlPullRow> rows = new ArrayList<>();
        long bytes = 0;
        try (Stream<Map<String, Object>> result = db.queryForStream(sql, new ColumnMapRowMapper(), values.toArray())) {
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
        List<Object> values = new ArrayList<>();
        List<String> where = new ArrayList<>(List.of(cursor + " IS NOT NULL", id + " IS NOT NULL"));
        String latest = latest(now);
        if (latest != null) {
            values.add(latest);
            where.add(cursor + " <= " + mark(cursorColumn));
        }
        return rows(where, cursor + " DESC, " + id + " DESC", values, limit, Long.MAX_VALUE)
                .rows();
    }

    /** The latest value that a row may have now; null if values are not known to be times. */
    @Nullable String latest(Instant now) {
        return null;
    }

    /** The rows that have no value in the cursor column, ordered by their ids. */
    Page withoutCursor(@Nullable JsonNode afterId, int limit, long bytesMax) {
        if (cursorColumn.isFilled()) {
            return new Page(List.of(), true);
        }
        List<Object> values = new ArrayList<>();
        List<String> where = new ArrayList<>(List.of(cursor + " IS NULL", id + " IS NOT NULL"));
        if (afterId != null) {
            values.add(bound(afterId));
            where.add(id + " > " + mark(idColumn));
        }
        return rows(where, id, values, limit, bytesMax);
    }

    /** How many rows have no value in the id column: they have no place in the order, so they cannot be read. */
    long withoutId() {
        Long count = idColumn.isFilled()
                ? null
                : db.queryForObject(
                        "SELECT count(*) FROM " + columns.table() + " AS r WHERE " + id + " IS NULL", Long.class);
        return count == null ? 0 : count;
    }

    /** Whether rows can become visible in another order than that in which they got their cursor values. */
    boolean hasWriters() {
        return false;
    }

    /** The transactions that have written to the table, or are writing, and have not ended. */
    Set<String> writers() {
        return Set.of();
    }

    /** What keeps late rows from being seen; null if nothing does. */
    @Nullable String limitation() {
        return null;
    }

    /** The mark's cursor value, in a form that can be compared with the clock. */
    String time(Mark mark) {
        return mark.at().asText();
    }

    /** Throws {@link IllegalArgumentException} if the overlap does not fit the type of the cursor column. */
    abstract void checkOverlap(String overlap);

    /** The select list that {@link #row} reads. */
    abstract String select();

    abstract SqlPullRow row(Map<String, Object> values);

    /** The SQL of a parameter for that column. */
    abstract String mark(SqlColumn column);

    abstract Object bound(JsonNode value);

    /** The SQL of a value that is older by the overlap. */
    abstract String older(JsonNode at, String overlap, List<Object> values);

    /**
     * The number that is less by the overlap. A duration is subtracted from seconds or milliseconds since 1970, and from other
     * numbers the default.
     */
    static BigDecimal earlier(String number, String overlap) {
        BigDecimal value = new BigDecimal(number);
        if (isNumber(overlap)) {
            return value.subtract(new BigDecimal(overlap));
        }
        Duration duration = Duration.ofMillis(TimeUtils.toMilliSeconds(overlap.isEmpty() ? TIME_OVERLAP : overlap));
        BigDecimal earlier = new BigDecimal(PullCursor.minus(number, duration));
        boolean isEpoch = earlier.compareTo(value) < 0;
        return isEpoch && !overlap.isEmpty() ? earlier : earlier.min(value.subtract(NUMBER_OVERLAP));
    }

    static boolean isNumber(String text) {
        return text.matches("-?\\d+(\\.\\d+)?");
    }
}
