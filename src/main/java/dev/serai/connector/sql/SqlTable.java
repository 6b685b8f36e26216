package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
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
    /** The default overlap for a cursor column of a time type. */
    static final String TIME_OVERLAP = "10s";

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
     * @param version the value of the cursor column as in the body
     */
    public record SqlPullRow(ObjectNode body, Mark mark, String version) {}

    /**
     * The rows to read; all bounds are optional.
     *
     * @param after only rows after this position
     * @param overlap only rows that are at most this much older than {@code upTo}; empty for the default; ignored if {@code
     *     after} is set
     * @param upTo only rows up to and including this position
     */
    record Range(
            @Nullable Mark after, String overlap, @Nullable Mark upTo) {}

    final JdbcTemplate db;
    private final TransactionTemplate transaction;
    final String table;
    final String cursor;
    final String id;
    final Map<String, String> types;

    /**
     * @param table the quoted name
     * @param types the columns' types by name
     */
    SqlTable(JdbcTemplate db, String table, String cursorColumn, String idColumn, Map<String, String> types) {
        this.db = db;
        db.setFetchSize(ROWS_AT_ONCE);
        this.transaction = new TransactionTemplate(
                new DataSourceTransactionManager(Objects.requireNonNull(db.getDataSource(), "has a data source")));
        this.table = table;
        this.types = types;
        this.cursor = "r." + SqlSink.option("cursorColumn", cursorColumn);
        this.id = "r." + SqlSink.option("idColumn", idColumn);
    }

    /**
     * Finds the table. Throws {@link IllegalArgumentException} if the table or a column is missing, and {@link
     * DataAccessException} if the database cannot be reached.
     */
    static SqlTable find(JdbcTemplate db, String table, String cursorColumn, String idColumn) {
        String quoted = SqlSink.table(table);
        SqlSink.option("cursorColumn", cursorColumn);
        SqlSink.option("idColumn", idColumn);
        SqlTable found = isPostgres(db)
                ? PostgresPullTable.find(db, quoted, cursorColumn, idColumn)
                : SqlitePullTable.find(db, quoted, cursorColumn, idColumn);
        found.page(new Range(null, "", null), 0, 0); // fails here if the database cannot compare the columns
        return found;
    }

    private static boolean isPostgres(JdbcTemplate db) {
        try {
            return String.valueOf(db.queryForObject("SELECT version()", String.class))
                    .startsWith("PostgreSQL");
        } catch (DataAccessException e) {
            if (e instanceof NonTransientDataAccessResourceException || SqlFailureReader.byCode(e) != null) {
                throw e; // an outage does not tell which database it is
            }
            db.queryForObject("SELECT sqlite_version()", String.class);
            return false;
        }
    }

    /** Throws {@link IllegalArgumentException} if the table or a column is missing. */
    static void check(String table, Map<String, String> types, String... columns) {
        if (types.isEmpty()) {
            throw new IllegalArgumentException("the database has no table " + table);
        }
        for (String column : columns) {
            if (!types.containsKey(column)) {
                throw new IllegalArgumentException("the table " + table + " has no column \"" + column + "\"; it has "
                        + types.keySet().stream().collect(Collectors.joining("\", \"", "\"", "\"")));
            }
        }
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
            where.add(cursor + " >= " + mark(cursor));
        } else if (upTo != null) {
            where.add(cursor + " >= " + older(upTo.at(), range.overlap(), values));
        }
        if (upTo != null && upTo.id() != null) {
            where.add(pair(" <= ", upTo.at(), upTo.id(), values));
        }
        String sql = "SELECT " + select() + " FROM " + table + " AS r WHERE " + String.join(" AND ", where)
                + " ORDER BY " + cursor + ", " + id + " LIMIT " + limit;
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
                Map<String, Object> columns = each.next();
                rows.add(row(columns));
                bytes += bytes(columns);
            }
        }
        return new Page(rows, bytes <= bytesMax && rows.size() < limit);
    }

    /** About how much memory a row takes as JSON. */
    private static long bytes(Map<String, Object> columns) {
        long bytes = ROW_BYTES;
        for (Object value : columns.values()) {
            if (value instanceof String text) {
                bytes += 2L * text.length();
            } else if (value instanceof byte[] binary) {
                bytes += 4L * binary.length; // as Base64
            }
        }
        return bytes;
    }

    private String pair(String compares, JsonNode at, JsonNode idValue, List<Object> values) {
        values.add(bound(at));
        values.add(bound(idValue));
        return "(" + cursor + ", " + id + ")" + compares + "(" + mark(cursor) + ", " + mark(id) + ")";
    }

    /** Throws {@link IllegalArgumentException} if the overlap does not fit the type of the cursor column. */
    abstract void checkOverlap(String overlap);

    /** The select list that {@link #row} reads. */
    abstract String select();

    abstract SqlPullRow row(Map<String, Object> columns);

    /** The SQL of a parameter for that column. */
    abstract String mark(String column);

    abstract Object bound(JsonNode value);

    /** The SQL of a value that is older by the overlap. */
    abstract String older(JsonNode at, String overlap, List<Object> values);
}
