package dev.serai.connector.sql;

import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.connector.sql.value.MysqlType;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Asks the database for the columns of a table or query.
 *
 * <p>Throws: {@link DataAccessException} if the database cannot be reached, {@link IllegalArgumentException} if it is of
 * another kind.
 */
final class SqlCatalog {
    /** Types without their lengths, because a cast to a shorter type cuts the value. */
    private static final String POSTGRESQL = """
            SELECT attname AS name, format_type(atttypid, -1) AS type, attnotnull AS filled FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";
    /** Only a primary key of the type INTEGER is never null. */
    private static final String SQLITE = """
            SELECT name, upper(type) AS type, "notnull" OR (pk > 0 AND upper(type) = 'INTEGER') AS filled
            FROM pragma_table_xinfo(?%s) WHERE hidden <> 1""";

    private static final String MYSQL = """
            SELECT table_name AS tab, column_name AS name, column_type AS type, is_nullable = 'NO' AS filled
            FROM information_schema.columns
            WHERE table_schema = COALESCE(?, DATABASE()) AND LOWER(table_name) = LOWER(?)
            ORDER BY table_name, ordinal_position""";
    /** MariaDB's type JSON is text with a check. */
    private static final String MARIADB_JSON = """
            SELECT LOWER(check_clause) FROM information_schema.check_constraints
            WHERE constraint_schema = COALESCE(?, DATABASE()) AND table_name = ?""";

    private SqlCatalog() {}

    private static SqlDialect dialect(JdbcOperations db) {
        String product = db.execute((ConnectionCallback<String>)
                connection -> connection.getMetaData().getDatabaseProductName());
        // Other databases speak PostgreSQL's protocol, and so its driver calls them by that name.
        boolean isPostgres = "PostgreSQL".equals(product);
        return SqlDialect.of(
                String.valueOf(isPostgres ? db.queryForObject("SELECT version()", String.class) : product));
    }

    /**
     * Reads the columns of a table or view. Names match in another case too, unless several differ only in that.
     *
     * @param table its name, with or without a schema and a dot
     */
    static SqlColumns table(JdbcOperations db, String table) {
        SqlDialect dialect = dialect(db);
        return switch (dialect) {
            case POSTGRESQL -> {
                SqlColumns exact = postgresql(db, table);
                yield exact.byName().isEmpty() ? postgresql(db, table.toLowerCase(Locale.ROOT)) : exact;
            }
            case SQLITE -> {
                List<Object> names = new ArrayList<>(List.of((Object[]) table.split("\\.", -1)));
                Collections.reverse(names);
                String sql = SQLITE.formatted(names.size() == 1 ? "" : ", ?");
                yield columns(dialect, table, byName(db.queryForList(sql, names.toArray())));
            }
            case MYSQL -> mysql(db, table);
        };
    }

    private static SqlColumns columns(SqlDialect dialect, String table, Map<String, SqlColumn> byName) {
        String label = Arrays.stream(table.split("\\.", -1)).collect(Collectors.joining("\".\"", "table \"", "\""));
        return new SqlColumns(dialect, dialect.quotedTable(table), label, true, byName);
    }

    private static SqlColumns postgresql(JdbcOperations db, String table) {
        String quoted = SqlDialect.POSTGRESQL.quotedTable(table);
        return columns(SqlDialect.POSTGRESQL, table, byName(db.queryForList(POSTGRESQL, quoted)));
    }

    private static SqlColumns mysql(JdbcOperations db, String table) {
        int dot = table.lastIndexOf('.');
        String schema = dot < 0 ? null : table.substring(0, dot);
        String name = table.substring(dot + 1);
        List<Map<String, Object>> rows = db.queryForList(MYSQL, schema, name);
        Set<Object> found = rows.stream().map(row -> row.get("tab")).collect(Collectors.toSet());
        Object actual = found.contains(name) || found.size() != 1
                ? name
                : found.iterator().next();
        rows.removeIf(row -> !actual.equals(row.get("tab")));
        List<String> checks =
                MysqlType.isMariaDb(db) ? db.queryForList(MARIADB_JSON, String.class, schema, actual) : List.of();
        rows.forEach(row -> row.put(
                "type",
                checks.contains("json_valid(`" + String.valueOf(row.get("name")).toLowerCase(Locale.ROOT) + "`)")
                        ? "json"
                        : MysqlType.of(String.valueOf(row.get("type")))));
        return columns(SqlDialect.MYSQL, dot < 0 ? actual.toString() : schema + "." + actual, byName(rows));
    }

    private static Map<String, SqlColumn> byName(List<Map<String, Object>> rows) {
        Map<String, SqlColumn> columns = new LinkedHashMap<>();
        for (Map<String, Object> row : rows) {
            String name = String.valueOf(row.get("name"));
            Object filled = row.get("filled");
            boolean isFilled =
                    Boolean.TRUE.equals(filled) || (filled instanceof Number number && number.intValue() != 0);
            columns.put(name, new SqlColumn(name, String.valueOf(row.get("type")), isFilled));
        }
        return columns;
    }

    /** Reads the columns of a query's result. */
    static SqlColumns query(JdbcOperations db, String query) {
        SqlDialect dialect = dialect(db);
        String from = "(" + query + "\n)"; // a comment may end the query
        List<SqlColumn> found = db.query("SELECT r.* FROM " + from + " AS r WHERE 1 = 0", rows -> {
            return columns(dialect, rows.getMetaData());
        });
        Map<String, SqlColumn> byName = new LinkedHashMap<>();
        for (SqlColumn column : found == null ? List.<SqlColumn>of() : found) {
            String type = dialect == SqlDialect.POSTGRESQL
                    ? db.queryForObject("SELECT format_type(CAST(? AS regtype), -1)", String.class, column.type())
                    : column.type();
            byName.put(column.name(), new SqlColumn(column.name(), String.valueOf(type), false));
        }
        return new SqlColumns(dialect, from, "query", false, byName);
    }

    private static List<SqlColumn> columns(SqlDialect dialect, ResultSetMetaData result) throws SQLException {
        List<SqlColumn> columns = new ArrayList<>();
        for (int i = 1; i <= result.getColumnCount(); i++) {
            String type = String.valueOf(result.getColumnTypeName(i));
            type = switch (dialect) {
                case POSTGRESQL -> type;
                case SQLITE -> type.toUpperCase(Locale.ROOT);
                case MYSQL -> MysqlType.of(type, result.getPrecision(i));
            };
            columns.add(new SqlColumn(result.getColumnLabel(i), type, false));
        }
        return columns;
    }
}
