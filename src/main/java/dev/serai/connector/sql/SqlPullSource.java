package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.camel.CheckOnly;
import dev.serai.camel.ledger.PulledRow;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.apache.camel.component.sql.SqlEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads new and changed rows of a table, for the Kamelet {@code sql-pull-source}.
 *
 * <p>A run first reads again the rows that may have appeared late: those with the saved cursor value, or older by at most
 * the overlap. The ledger recognises the ones that it has. Then it reads the rows after the saved position. If that position
 * has not moved for a day, no row is read again, so that rows are not accepted twice after the ledger deleted them.
 *
 * <p>Threads: see {@link BatchPull}.
 */
public final class SqlPullSource extends BatchPull {
    private static final Logger LOG = LoggerFactory.getLogger(SqlPullSource.class);
    private static final Duration LATE_MAX = Duration.ofDays(1);
    private static final int QUERY_SECONDS_MAX = 300;
    private static final long BATCH_BYTES_MAX = 2L << 20;
    private static final String AGAIN = "again";
    private static final String UP_TO = "upTo";

    private final InstantSource clock;
    private final String dataSource;
    private final String tableName;
    private final String cursorColumn;
    private final String idColumn;
    private String overlap = "";
    private @Nullable SqlTable table;

    /**
     * @param dataSource the name of the bean
     * @param cursorColumn a column whose value increases whenever a row is added or changed
     * @param idColumn a column that distinguishes rows with equal cursor values
     */
    public SqlPullSource(String dataSource, String table, String cursorColumn, String idColumn) {
        this(dataSource, table, cursorColumn, idColumn, Clock.systemUTC());
    }

    SqlPullSource(String dataSource, String table, String cursorColumn, String idColumn, InstantSource clock) {
        SqlSink.table(table);
        SqlSink.option("cursorColumn", cursorColumn);
        SqlSink.option("idColumn", idColumn);
        this.dataSource = dataSource;
        this.tableName = table;
        this.cursorColumn = cursorColumn;
        this.idColumn = idColumn;
        this.clock = clock;
    }

    /** Fails if the table does not fit. If the database cannot be reached, each run tries again. */
    @Override
    protected void doStart() {
        table = null;
        if (CheckOnly.isIn(getCamelContext())) {
            return;
        }
        try {
            table();
        } catch (DataAccessException e) {
            LOG.warn(
                    "Table {} cannot be read yet: {}",
                    tableName,
                    LogText.of(e.getMostSpecificCause().getMessage()));
        }
    }

    private SqlTable table() {
        SqlTable found = table;
        if (found == null) {
            SqlEndpoint endpoint = Objects.requireNonNull(getCamelContext(), "not started")
                    .getEndpoint("sql:SELECT 1?dataSource=#bean:" + dataSource, SqlEndpoint.class);
            JdbcTemplate db = endpoint.getJdbcTemplate();
            db.setQueryTimeout(QUERY_SECONDS_MAX);
            found = SqlTable.find(db, tableName, cursorColumn, idColumn);
            found.checkOverlap(overlap);
            table = found;
        }
        return found;
    }

    @Override
    public @Nullable String begin(@Nullable Cursor saved) {
        if (saved == null) {
            return null;
        }
        SqlTable.Mark mark = mark(saved.value());
        boolean settled = saved.savedAt().plus(LATE_MAX).isBefore(clock.instant());
        if (mark.id() == null || settled) {
            return mark.json().toString();
        }
        ObjectNode again = JsonNodeFactory.instance.objectNode();
        again.set(UP_TO, mark.json());
        return again.toString();
    }

    /** Reads a cursor; one that an operator set may be the bare value to start from. */
    private static SqlTable.Mark mark(String cursor) {
        try {
            JsonNode json = ExactJson.MAPPER.readTree(cursor);
            if (json.isObject() && json.has("at")) {
                return SqlTable.Mark.of(json);
            }
            return json.isNumber() ? new SqlTable.Mark(json, null) : new SqlTable.Mark(TextNode.valueOf(cursor), null);
        } catch (JsonProcessingException e) {
            return new SqlTable.Mark(TextNode.valueOf(cursor), null);
        }
    }

    @Override
    protected long batchBytesMax() {
        return BATCH_BYTES_MAX;
    }

    @Override
    public Batch next(@Nullable String position, int recordsMax) throws JsonProcessingException {
        JsonNode at = position == null ? JsonNodeFactory.instance.objectNode() : ExactJson.MAPPER.readTree(position);
        if (!at.has(UP_TO)) {
            SqlTable.Mark after = position == null ? null : SqlTable.Mark.of(at);
            SqlTable.Page page = table().page(new SqlTable.Range(after, "", null), recordsMax, batchBytesMax());
            List<SqlTable.SqlPullRow> rows = page.rows();
            String to = rows.isEmpty() ? String.valueOf(position) : last(rows).toString();
            return batch(rows, to, rows.isEmpty() ? null : to, page.isLast());
        }
        SqlTable.Mark upTo = SqlTable.Mark.of(at.path(UP_TO));
        SqlTable.Mark after = at.has(AGAIN) ? SqlTable.Mark.of(at.path(AGAIN)) : null;
        SqlTable.Page page = table().page(new SqlTable.Range(after, overlap, upTo), recordsMax, batchBytesMax());
        List<SqlTable.SqlPullRow> rows = page.rows();
        if (page.isLast()) {
            return batch(rows, upTo.json().toString(), null, false);
        }
        ObjectNode to = JsonNodeFactory.instance.objectNode();
        to.set(UP_TO, upTo.json());
        to.set(AGAIN, last(rows));
        return batch(rows, to.toString(), null, false);
    }

    private static ObjectNode last(List<SqlTable.SqlPullRow> rows) {
        return rows.get(rows.size() - 1).mark().json();
    }

    private Batch batch(List<SqlTable.SqlPullRow> rows, String position, @Nullable String cursor, boolean isLast) {
        List<Object> records = rows.stream()
                .map(row -> (Object) new PulledRow(row.body(), row.version()))
                .toList();
        JsonNode id = rows.isEmpty() ? null : rows.get(0).mark().id();
        return new Batch(records, tableName + ":" + (id == null ? "" : id.asText()), position, cursor, isLast);
    }

    /** @param overlap how much older than the newest row a late row may be: a duration like 10s, or a number */
    public void setOverlap(@Nullable String overlap) {
        this.overlap = overlap == null ? "" : overlap.strip();
        if (this.overlap.startsWith("-")) {
            throw new IllegalArgumentException("overlap must not be negative, but is " + LogText.of(overlap));
        }
    }
}
