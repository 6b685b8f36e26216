package dev.serai.connector.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * The columns of a table as the database names them.
 *
 * @param table the quoted name
 * @param byName in the order of the table; empty if there is no such table
 */
record SqlColumns(boolean isPostgres, String table, Map<String, SqlColumn> byName) {
    private static final Pattern NAME = Pattern.compile("\"([^\"]*)\"");
    /** Types without their lengths, because a cast to a shorter type cuts the value. */
    private static final String POSTGRES = """
            SELECT attname AS name, format_type(atttypid, -1) AS type, attnotnull AS filled FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";
    /** Only a primary key of the type INTEGER is never null. */
    private static final String SQLITE = """
            SELECT name, upper(type) AS type, "notnull" OR (pk > 0 AND upper(type) = 'INTEGER') AS filled
            FROM pragma_table_xinfo(?%s) WHERE hidden <> 1""";

    /** @param isFilled whether no row has null there */
    record SqlColumn(String name, String type, boolean isFilled) {
        String quoted() {
            return SqlSinkTable.quoted(name);
        }
    }

    /**
     * Reads the columns. Names of tables and columns match in another case too, unless several differ only in that.
     *
     * @param table the quoted name
     */
    static SqlColumns of(JdbcOperations db, String table) {
        if (!isPostgres(db)) {
            List<Object> names = new ArrayList<>(
                    NAME.matcher(table).results().map(found -> found.group(1)).toList());
            Collections.reverse(names);
            return new SqlColumns(
                    false, table, read(db, SQLITE.formatted(names.size() == 1 ? "" : ", ?"), names.toArray()));
        }
        SqlColumns exact = new SqlColumns(true, table, read(db, POSTGRES, table));
        String lower = table.toLowerCase(Locale.ROOT);
        return exact.byName.isEmpty() ? new SqlColumns(true, lower, read(db, POSTGRES, lower)) : exact;
    }

    private static Map<String, SqlColumn> read(JdbcOperations db, String sql, Object... table) {
        Map<String, SqlColumn> columns = new LinkedHashMap<>();
        for (Map<String, Object> row : db.queryForList(sql, table)) {
            String name = String.valueOf(row.get("name"));
            Object filled = row.get("filled");
            columns.put(
                    name,
                    new SqlColumn(
                            name,
                            String.valueOf(row.get("type")),
                            Boolean.TRUE.equals(filled)
                                    || (filled instanceof Number number && number.intValue() != 0)));
        }
        return columns;
    }

    private static boolean isPostgres(JdbcOperations db) {
        try {
            return String.valueOf(db.queryForObject("SELECT version()", String.class))
                    .startsWith("PostgreSQL");
        } catch (DataAccessException e) {
            if (e instanceof NonTransientDataAccessResourceException || SqlFailureReader.isOutage(e)) {
                throw e; // an outage does not tell which database it is
            }
            db.queryForObject("SELECT sqlite_version()", String.class);
            return false;
        }
    }

    /** The column of that name, in another case too; null if there is none, or if several fit. */
    @Nullable SqlColumn find(String name) {
        SqlColumn exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        List<SqlColumn> others = byName.values().stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .toList();
        return others.size() == 1 ? others.get(0) : null;
    }

    /** Throws {@link IllegalArgumentException} if the table or the column is missing. */
    SqlColumn get(String name) {
        if (byName.isEmpty()) {
            throw new IllegalArgumentException("the database has no table " + table);
        }
        SqlColumn found = find(name);
        if (found == null) {
            throw new IllegalArgumentException("the table " + table + " has no column \"" + name + "\"; it has "
                    + byName.keySet().stream().collect(Collectors.joining("\", \"", "\"", "\"")));
        }
        return found;
    }
}
