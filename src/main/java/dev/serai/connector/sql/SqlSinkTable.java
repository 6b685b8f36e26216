package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.connector.sql.value.PostgresValue;
import dev.serai.connector.sql.value.SqliteValue;
import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * A target's table, and the statements that write its rows and never replace a newer version.
 *
 * <p>SQLite and PostgreSQL share the statements of this class.
 *
 * <p>Threads: safe.
 */
sealed class SqlSinkTable permits MysqlSinkTable {
    final SqlColumns columns;
    final String table;
    private final String key;
    private final @Nullable String version;
    private final @Nullable String deleted;

    /**
     * Throws {@link IllegalArgumentException} if the table or a column is missing.
     *
     * @param key the primary key, or another column with a unique constraint
     * @param version orders the states of a row by its type's comparison; null for none
     * @param deleted a boolean that is true in removed rows; null to delete removed rows
     */
    SqlSinkTable(SqlColumns columns, String key, @Nullable String version, @Nullable String deleted) {
        this.columns = columns;
        this.table = columns.from();
        this.key = columns.get(key).name();
        this.version = version == null ? null : columns.get(version).name();
        this.deleted = deleted == null ? null : columns.get(deleted).name();
    }

    /** Reads the table's columns, and checks that they fit. */
    static SqlSinkTable find(
            JdbcOperations db, String table, String key, @Nullable String version, @Nullable String deleted) {
        SqlColumns columns = SqlCatalog.table(db, table);
        if (columns.dialect() != SqlDialect.MYSQL) {
            return new SqlSinkTable(columns, key, version, deleted);
        }
        MysqlSinkTable found = new MysqlSinkTable(columns, key, version, deleted);
        found.check(db);
        return found;
    }

    String key() {
        return key;
    }

    @Nullable String version() {
        return version;
    }

    @Nullable String deleted() {
        return deleted;
    }

    /** The column that a field names, in another case too; null if there is none. */
    @Nullable SqlColumn column(String field) {
        return columns.find(field);
    }

    boolean hasAll(Collection<String> fields) {
        return fields.stream().allMatch(field -> columns.find(field) != null);
    }

    /** The parameter for a column. Throws {@link IllegalArgumentException} for a value that can never have that type. */
    @Nullable Object value(JsonNode json, String type) {
        return isPostgres() ? PostgresValue.of(json, type) : SqliteValue.of(json, type);
    }

    /** Throws for a change whose row is too large for the server's statements. */
    void checkSize(JdbcOperations db, Exchange change, Collection<? extends @Nullable Object> row)
            throws ValidationException {}

    /** Whether {@link #session} sets something on the connection, so that it has to be in a transaction. */
    boolean needsSession() {
        return false;
    }

    /** Runs statements on their connection. */
    void session(JdbcOperations db, Runnable statements) {
        statements.run();
    }

    private boolean isPostgres() {
        return columns.dialect() == SqlDialect.POSTGRESQL;
    }

    /** The upsert of a row; its parameters are the columns' values. */
    String upsert(Collection<String> columns) {
        return insert() + " (" + names(columns) + ") VALUES (" + marks(columns) + ")" + onConflict(columns);
    }

    String insert() {
        return "INSERT INTO " + table + " AS was";
    }

    String onConflict(Collection<String> columns) {
        String changes = columns.stream()
                .map(this::quoted)
                .map(column -> column + " = excluded." + column)
                .collect(Collectors.joining(", "));
        String sql = " ON CONFLICT (" + quoted(key) + ") DO UPDATE SET " + changes;
        return version == null ? sql : sql + " WHERE " + isNotNewer(version);
    }

    /** A delete wins over an upsert of the same version, so that a repeated upsert does not restore the row. */
    private String isNotNewer(String versionColumn) {
        String was = "was." + quoted(versionColumn);
        String now = "excluded." + quoted(versionColumn);
        if (deleted == null) {
            return was + " IS NULL OR " + was + " <= " + now;
        }
        return was + " IS NULL OR " + was + " < " + now + " OR (" + was + " = " + now + " AND (was." + quoted(deleted)
                + " IS NOT TRUE OR excluded." + quoted(deleted) + "))";
    }

    /** The delete of a row; its parameters are the key, and the version if there is one. */
    String delete() {
        return "DELETE FROM " + table + whereNotNewer();
    }

    /** Marks the row as removed; its parameters are the columns' values (version and mark), then the key and the version. */
    String mark(Collection<String> columns) {
        String changes = columns.stream()
                .map(column -> quoted(column) + " = " + mark(column))
                .collect(Collectors.joining(", "));
        return "UPDATE " + table + " SET " + changes + whereNotNewer();
    }

    private String whereNotNewer() {
        String sql = " WHERE " + quoted(key) + " = " + mark(key);
        return version == null
                ? sql
                : sql + " AND (" + quoted(version) + " IS NULL OR " + quoted(version) + " <= " + mark(version) + ")";
    }

    /**
     * Inserts a row that is marked as removed if there is none, so that older upserts are refused later. Its parameters are
     * the columns' values, then the key. It cannot be merged with {@link #mark} into one upsert, because PostgreSQL checks the
     * NOT NULL columns of the inserted row even if it then updates an existing one.
     */
    String insertMarked(Collection<String> columns) {
        return insert() + " (" + names(columns) + ") SELECT " + marks(columns) + whereMissing() + onConflict(columns);
    }

    String whereMissing() {
        return " FROM (SELECT 1) AS one WHERE NOT EXISTS (SELECT 1 FROM " + table + " WHERE " + quoted(key) + " = "
                + mark(key) + ")";
    }

    String names(Collection<String> columns) {
        return columns.stream().map(this::quoted).collect(Collectors.joining(", "));
    }

    String marks(Collection<String> names) {
        return names.stream().map(this::mark).collect(Collectors.joining(", "));
    }

    /** PostgreSQL gets all values as text, and converts them to the column's type. */
    String mark(String name) {
        SqlColumn column = isPostgres() ? columns.find(name) : null;
        return column == null ? "?" : "CAST(? AS " + column.type() + ")";
    }

    String quoted(String name) {
        return columns.dialect().quoted(name);
    }
}
