package dev.serai.connector.sql;

import dev.serai.connector.sql.SqlColumns.SqlColumn;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A target's table, and the statements that write its rows and never replace a newer version.
 *
 * <p>SQLite and PostgreSQL share the statements.
 *
 * <p>Threads: safe.
 */
final class SqlSinkTable {
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_ $-]{0,62}");

    private final SqlColumns columns;
    private final String table;
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
        this.table = columns.table();
        this.key = columns.get(key).name();
        this.version = version == null ? null : columns.get(version).name();
        this.deleted = deleted == null ? null : columns.get(deleted).name();
    }

    /** Whether the text is allowed as the name of a table or a column. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches();
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

    boolean isPostgres() {
        return columns.isPostgres();
    }

    /** The upsert of a row; its parameters are the columns' values. */
    String upsert(Collection<String> columns) {
        return "INSERT INTO " + table + " AS was (" + names(columns) + ") VALUES (" + marks(columns) + ")"
                + onConflict(columns);
    }

    private String onConflict(Collection<String> columns) {
        String changes = columns.stream()
                .map(SqlSinkTable::quoted)
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
        return "INSERT INTO " + table + " AS was (" + names(columns) + ") SELECT " + marks(columns)
                + " WHERE NOT EXISTS (SELECT 1 FROM " + table + " WHERE " + quoted(key) + " = " + mark(key) + ")"
                + onConflict(columns);
    }

    private static String names(Collection<String> columns) {
        return columns.stream().map(SqlSinkTable::quoted).collect(Collectors.joining(", "));
    }

    private String marks(Collection<String> names) {
        return names.stream().map(this::mark).collect(Collectors.joining(", "));
    }

    /** PostgreSQL gets all values as text, and converts them to the column's type. */
    private String mark(String name) {
        SqlColumn column = isPostgres() ? columns.find(name) : null;
        return column == null ? "?" : "CAST(? AS " + column.type() + ")";
    }

    static String quoted(String name) {
        return '"' + name + '"';
    }
}
