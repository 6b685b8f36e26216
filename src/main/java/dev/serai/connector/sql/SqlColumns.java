package dev.serai.connector.sql;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table or query as the database names them.
 *
 * @param from what follows FROM: the quoted name, or the query in parentheses
 * @param label what messages call it, for example {@code table "orders"}
 * @param isTable whether it is a table or view, and no query
 * @param byName in the order of the table; empty if there is no such table
 */
record SqlColumns(SqlDialect dialect, String from, String label, boolean isTable, Map<String, SqlColumn> byName) {

    /**
     * @param type as the database names it, without length
     * @param isFilled whether no row has null there
     */
    record SqlColumn(String name, String type, boolean isFilled) {}

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
            throw new IllegalArgumentException("the database has no " + label);
        }
        SqlColumn found = find(name);
        if (found == null) {
            throw new IllegalArgumentException("the " + label + " has no column \"" + name + "\"; it has "
                    + byName.keySet().stream().collect(Collectors.joining("\", \"", "\"", "\"")));
        }
        return found;
    }

    String quoted(SqlColumn column) {
        return dialect.quoted(column.name());
    }
}
