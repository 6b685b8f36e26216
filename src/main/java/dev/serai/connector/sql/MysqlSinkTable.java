package dev.serai.connector.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.sql.value.MysqlValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * A target's table in MySQL or MariaDB.
 *
 * <p>Threads: safe.
 */
final class MysqlSinkTable extends SqlSinkTable {
    private static final String UNIQUE = """
            SELECT index_name AS name, GROUP_CONCAT(column_name) AS parts FROM information_schema.statistics
            WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND non_unique = 0 GROUP BY index_name""";

    private static final String REQUIRED = """
            SELECT column_name FROM information_schema.columns
            WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND is_nullable = 'NO'
            AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' AND extra NOT LIKE '%GENERATED%'""";

    private static final Set<String> STRICT = Set.of("STRICT_TRANS_TABLES", "STRICT_ALL_TABLES");

    /** The columns that an insert has to name. */
    private List<String> required = List.of();
    /** The bytes of a statement that the server takes. */
    private volatile long maxPacket = Long.MAX_VALUE;

    MysqlSinkTable(SqlColumns columns, String key, @Nullable String version, @Nullable String deleted) {
        super(columns, key, version, deleted);
    }

    /** Asks for more. Throws {@link IllegalArgumentException} if the database would insert a key twice, or cut values. */
    void check(JdbcOperations db) {
        String[] names = table.replace("`", "").split("\\.", -1);
        String schema = names.length == 1 ? null : names[0];
        String name = names[names.length - 1];
        required = List.copyOf(db.queryForList(REQUIRED, String.class, schema, name));
        List<Map<String, Object>> unique = db.queryForList(UNIQUE, schema, name);
        if (unique.stream().noneMatch(index -> key().equalsIgnoreCase(Objects.toString(index.get("parts"), "")))) {
            throw new IllegalArgumentException("the column \"" + key() + "\" of the " + columns.label()
                    + " is not unique: make it the primary key, or give it a unique index");
        }
        String mode = db.queryForObject("SELECT @@session.sql_mode", String.class);
        if (mode == null || STRICT.stream().noneMatch(mode::contains)) {
            throw new IllegalArgumentException(
                    "the database cuts values that do not fit, since its sql_mode is not strict:"
                            + " add STRICT_TRANS_TABLES to sql_mode, or sessionVariables=sql_mode='STRICT_TRANS_TABLES' to the"
                            + " address of the data source");
        }
        maxPacket = readMaxPacket(db);
    }

    private static long readMaxPacket(JdbcOperations db) {
        Long limit = db.queryForObject("SELECT @@session.max_allowed_packet", Long.class);
        return limit == null ? Long.MAX_VALUE : limit;
    }

    /** The server ends the connection in the middle of a larger statement, which then looks like an outage. */
    @Override
    void checkSize(JdbcOperations db, Exchange change, Collection<? extends @Nullable Object> row)
            throws ValidationException {
        long size = row.stream().mapToLong(MysqlSinkTable::size).sum();
        if (size > maxPacket) {
            maxPacket = readMaxPacket(db);
        }
        if (size > maxPacket) {
            throw new ValidationException(
                    change,
                    "the row has " + size + " bytes, but the server's max_allowed_packet is " + maxPacket
                            + ": raise it, or send less");
        }
    }

    private static long size(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes.length;
        }
        return value instanceof String text ? text.getBytes(UTF_8).length : 0;
    }

    @Override
    @Nullable Object value(JsonNode json, String type) {
        return MysqlValue.of(json, type);
    }

    @Override
    String mark(String name) {
        return "?";
    }

    @Override
    String insert() {
        return "INSERT INTO " + table;
    }

    /** The database refuses an insert that does not name a required column even if it inserts nothing. */
    @Override
    String insertMarked(Collection<String> columns) {
        List<String> missing =
                required.stream().filter(name -> !columns.contains(name)).toList();
        String nulls = ", NULL".repeat(missing.size());
        String names = missing.stream().map(name -> ", " + quoted(name)).collect(Collectors.joining());
        return insert() + " (" + names(columns) + names + ") SELECT " + marks(columns) + nulls + whereMissing()
                + onConflict(columns);
    }

    /**
     * The database assigns from left to right, and later ones see the new values. Therefore the columns that decide come last:
     * the mark, and then the version, which stays the same if the versions are equal.
     *
     * <p>Any unique index leads here. If it is not that of the key, the row is another key's, and the second value of a subquery
     * makes the statement fail.
     */
    @Override
    String onConflict(Collection<String> columns) {
        String guard = guard();
        List<String> changes = new ArrayList<>();
        changes.add(quoted(key()) + " = IF(" + quoted(key()) + " = " + now(key()) + ", " + quoted(key())
                + ", (SELECT 1 UNION SELECT 2))");
        List<String> last = new ArrayList<>();
        for (String column : columns) {
            if (column.equals(key())) {
                continue;
            }
            if (column.equals(version())) {
                String was = quoted(column);
                String isOlder = deleted() == null ? guard : was + " IS NULL OR " + was + " < " + now(column);
                last.add(change(column, isOlder));
            } else if (column.equals(deleted())) {
                last.add(0, change(column, guard));
            } else {
                changes.add(change(column, guard));
            }
        }
        changes.addAll(last);
        return " ON DUPLICATE KEY UPDATE " + String.join(", ", changes);
    }

    private String change(String column, @Nullable String guard) {
        String name = quoted(column);
        return name + " = " + (guard == null ? now(column) : "IF(" + guard + ", " + now(column) + ", " + name + ")");
    }

    /** A delete wins over an upsert of the same version, so that a repeated upsert does not restore the row. */
    private @Nullable String guard() {
        if (version() == null) {
            return null;
        }
        String was = quoted(version());
        String now = now(version());
        if (deleted() == null) {
            return was + " IS NULL OR " + was + " <= " + now;
        }
        return was + " IS NULL OR " + was + " < " + now + " OR (" + was + " = " + now + " AND (" + quoted(deleted())
                + " IS NOT TRUE OR " + now(deleted()) + "))";
    }

    private String now(String column) {
        return "VALUES(" + quoted(column) + ")";
    }

    @Override
    boolean needsSession() {
        return columns.byName().values().stream()
                .anyMatch(column -> column.type().equals("timestamp"));
    }

    @Override
    void session(JdbcOperations db, Runnable statements) {
        MysqlSession.inUtc(db, () -> {
            statements.run();
            return true;
        });
    }
}
