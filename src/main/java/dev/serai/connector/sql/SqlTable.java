package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A table that is read page by page in the order of its cursor column and, among equal values, of its id column. No
 * connection is held between two pages.
 *
 * <p>Threads: safe.
 */
abstract sealed class SqlTable permits SqlitePullTable, PostgresPullTable {
    /** How far rows are read again where the cursor is a time and nothing else is set. */
    static final String TIME_OVERLAP = "10s";

    /**
     * A place in the table.
     *
     * @param at the cursor column's value
     * @param id the id column's; null stands for before all rows of that value
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
     * @param version the cursor column's value as the body shows it
     */
    public record SqlPullRow(ObjectNode body, Mark mark, String version) {}

    /**
     * Which rows of a page, all bounds optional.
     *
     * @param after rows behind this place
     * @param overlap rows that are older than {@code upTo} by no more than this, in the database's terms; empty for the
     *     default; used without {@code after}
     * @param upTo rows up to and with this place
     */
    record Range(
            @Nullable Mark after, String overlap, @Nullable Mark upTo) {}

    final JdbcTemplate db;
    final String table;
    final String cursor;
    final String id;
    final Map<String, String> types;

    /**
     * A table with its columns.
     *
     * @param table quoted
     * @param types the columns' types by their names
     */
    SqlTable(JdbcTemplate db, String table, String cursorColumn, String idColumn, Map<String, String> types) {
        this.db = db;
        this.table = table;
        this.types = types;
        this.cursor = "r." + SqlSink.option("cursorColumn", cursorColumn);
        this.id = "r." + SqlSink.option("idColumn", idColumn);
    }

    /**
     * The table, if it is there and has the columns; else {@link IllegalArgumentException} says what is missing.
     *
     * <p>Throws {@link DataAccessException} if the database cannot be asked.
     */
    static SqlTable find(JdbcTemplate db, String table, String cursorColumn, String idColumn) {
        String quoted = SqlSink.table(table);
        SqlSink.option("cursorColumn", cursorColumn);
        SqlSink.option("idColumn", idColumn);
        SqlTable found = isPostgres(db)
                ? PostgresPullTable.find(db, quoted, cursorColumn, idColumn)
                : SqlitePullTable.find(db, quoted, cursorColumn, idColumn);
        found.page(new Range(null, "", null), 0); // the database's own words, if it can do no such comparison
        return found;
    }

    private static boolean isPostgres(JdbcTemplate db) {
        try {
            return String.valueOf(db.queryForObject("SELECT version()", String.class))
                    .startsWith("PostgreSQL");
        } catch (DataAccessException e) {
            if (e instanceof NonTransientDataAccessResourceException || SqlFailureReader.byCode(e) != null) {
                throw e; // an outage says nothing about which database it is
            }
            db.queryForObject("SELECT sqlite_version()", String.class);
            return false;
        }
    }

    /** Refuses a table that lacks a column. */
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

    /** The rows of a range in their order; rows without a cursor or an id are never among them. */
    List<SqlPullRow> page(Range range, int limit) {
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
        List<SqlPullRow> rows = new ArrayList<>();
        for (Map<String, Object> row : db.queryForList(sql, values.toArray())) {
            rows.add(row(row));
        }
        return rows;
    }

    private String pair(String compares, JsonNode at, JsonNode idValue, List<Object> values) {
        values.add(bound(at));
        values.add(bound(idValue));
        return "(" + cursor + ", " + id + ")" + compares + "(" + mark(cursor) + ", " + mark(id) + ")";
    }

    /** Refuses an overlap that means nothing for the cursor column. */
    abstract void checkOverlap(String overlap);

    /** What is selected, for {@link #row}. */
    abstract String select();

    abstract SqlPullRow row(Map<String, Object> columns);

    /** The SQL that stands for a value of that column. */
    abstract String mark(String column);

    abstract Object bound(JsonNode value);

    /** The SQL of a value that is older by the overlap. */
    abstract String older(JsonNode at, String overlap, List<Object> values);
}
