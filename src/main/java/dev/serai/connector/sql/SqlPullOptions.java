package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import java.time.Duration;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.component.sql.SqlEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a pull of a table or query reads.
 *
 * <p>Threads: one thread at a time.
 */
final class SqlPullOptions {
    private static final Logger LOG = LoggerFactory.getLogger(SqlPullOptions.class);
    private static final int QUERY_SECONDS_MAX = 300;

    private final String dataSource;
    private final @Nullable String table;
    private final String cursorColumn;
    private final List<String> idColumns;
    private @Nullable String query;
    private @Nullable String deletedColumn;
    private String overlap = "";
    private Duration delay = Duration.ZERO;

    SqlPullOptions(String dataSource, @Nullable String table, String cursorColumn, String idColumn) {
        this.dataSource = dataSource;
        this.table = table == null || table.isBlank() ? null : SqlName.table(table);
        this.cursorColumn = SqlName.option("cursorColumn", cursorColumn);
        this.idColumns = SqlName.options("idColumn", idColumn);
    }

    void setQuery(@Nullable String query) {
        String text = query == null ? "" : query.strip().replaceFirst("(\\s*;)+$", "");
        this.query = text.isEmpty() ? null : text;
    }

    void setDeletedColumn(@Nullable String deletedColumn) {
        this.deletedColumn = SqlName.optional("deletedColumn", deletedColumn);
    }

    void setOverlap(@Nullable String overlap) {
        this.overlap = overlap == null ? "" : overlap.strip();
        if (this.overlap.startsWith("-")) {
            throw new IllegalArgumentException("overlap must not be negative, but is " + LogText.of(overlap));
        }
    }

    void setDelay(@Nullable String delay) {
        this.delay = Duration.ofMillis(delay == null || delay.isBlank() ? 0 : DurationText.millis(delay.strip()));
        if (this.delay.isNegative()) {
            throw new IllegalArgumentException("delay must not be negative, but is " + LogText.of(delay));
        }
    }

    String overlap() {
        return overlap;
    }

    Duration delay() {
        return delay;
    }

    /** What messages call that which is read. */
    String label() {
        return table == null ? "query" : table;
    }

    /** Throws {@link IllegalArgumentException} if options are missing or exclude each other. */
    void check() {
        if ((table == null) == (query == null)) {
            throw new IllegalArgumentException("sql-pull-source needs a table or a query"
                    + (table == null ? ": set one of them" : ", but has both: remove one of them"));
        }
    }

    /**
     * Finds the table. Throws {@link IllegalArgumentException} if the table or a column is missing, and {@link
     * DataAccessException} if the database cannot be reached.
     */
    SqlTable find(CamelContext context) {
        JdbcTemplate db = context.getEndpoint("sql:SELECT 1?dataSource=#bean:" + dataSource, SqlEndpoint.class)
                .getJdbcTemplate();
        db.setQueryTimeout(QUERY_SECONDS_MAX);
        SqlColumns columns = query == null ? SqlCatalog.table(db, String.valueOf(table)) : SqlCatalog.query(db, query);
        SqlTable found = SqlTable.of(db, columns, cursorColumn, idColumns);
        found.checkOverlap(overlap);
        deletedColumn =
                deletedColumn == null ? null : columns.get(deletedColumn).name();
        String limitation = delay.isZero() ? found.limitation() : null;
        if (limitation != null) {
            LOG.warn("The {}: {}", columns.label(), limitation);
        }
        return found;
    }

    /** Whether the row is marked as deleted: its column is neither null, false, 0 nor empty. */
    boolean isDeleted(JsonNode row) {
        JsonNode mark = deletedColumn == null ? null : row.get(deletedColumn);
        if (mark == null || mark.isNull()) {
            return false;
        }
        return mark.isNumber()
                ? mark.decimalValue().signum() != 0
                : !mark.asText().isEmpty() && !mark.asText().equals("false");
    }
}
