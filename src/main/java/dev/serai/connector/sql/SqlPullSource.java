package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.CheckOnly;
import dev.serai.camel.ledger.PulledRow;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.PullCursor;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Reads new and changed rows of a table, for the Kamelet {@code sql-pull-source}.
 *
 * <p>A run first reads the rows without a cursor value, once a day. Then it reads again the rows that may have appeared late:
 * those with the saved cursor value, or older by at most the overlap. The ledger recognises the ones that it has. Then it reads
 * the rows after the saved position. If that position has not moved for a day, no row is read again, so that rows are not
 * accepted twice after the ledger deleted them.
 *
 * <p>Promise: the cursor never passes a position below which a transaction that {@link SqlTable#writers} shows, or one no
 * longer than the delay, may still commit rows, and never a row that is dated later than now. Rows after it are accepted and read again by the next run.
 *
 * <p>Threads: see {@link BatchPull}.
 */
public final class SqlPullSource extends BatchPull {
    private static final Logger LOG = LoggerFactory.getLogger(SqlPullSource.class);
    private static final Duration LATE_MAX = Duration.ofDays(1);
    private static final long BATCH_BYTES_MAX = 2L << 20;
    private static final String AGAIN = "again";
    private static final String UP_TO = "upTo";
    /** A position among the rows that have no cursor value; what follows them is under {@link #THEN}. */
    private static final String UNSORTED = "unsorted";

    private static final String THEN = "then";
    /** A position behind that up to which the cursor may move. */
    private static final String BEYOND = "beyond";

    private final InstantSource clock;
    private final SqlPullOptions options;
    private final String idColumn;
    private final SqlWriters writers;
    private @Nullable SqlTable table;
    private @Nullable Instant unsortedRead;
    // Of the run
    private PullCursor seen;
    private @Nullable PullCursor seenWithPage;
    private boolean isUnsortedDue;
    private boolean isCompleteKnown;
    private @Nullable SqlMark complete;

    /**
     * @param dataSource the name of the bean
     * @param table null or blank if there is a query
     * @param cursorColumn a column whose value increases whenever a row is added or changed
     * @param idColumn a column that distinguishes rows with equal cursor values; several are separated by commas
     */
    public SqlPullSource(String dataSource, @Nullable String table, String cursorColumn, String idColumn) {
        this(dataSource, table, cursorColumn, idColumn, Clock.systemUTC());
    }

    SqlPullSource(
            String dataSource, @Nullable String table, String cursorColumn, String idColumn, InstantSource clock) {
        this.options = new SqlPullOptions(dataSource, table, cursorColumn, idColumn);
        this.idColumn = idColumn;
        this.clock = clock;
        this.writers = new SqlWriters(clock, System::nanoTime);
        this.seen = new PullCursor(null, clock.instant());
    }

    /** @param query is read instead of a table; a derived table of the database, so it needs no order and no limit */
    public void setQuery(@Nullable String query) {
        options.setQuery(query);
    }

    /** @param deletedColumn rows in which it is set become deletes */
    public void setDeletedColumn(@Nullable String deletedColumn) {
        options.setDeletedColumn(deletedColumn);
    }

    /** @param overlap how much older than the newest row a late row may be: a duration like 10s, or a number; 0 for none */
    public void setOverlap(@Nullable String overlap) {
        options.setOverlap(overlap);
    }

    /** @param delay how long the cursor waits for transactions that cannot be seen: a duration like 30s */
    public void setDelay(@Nullable String delay) {
        options.setDelay(delay);
    }

    /** Fails if the table does not fit. If the database cannot be reached, each run tries again. */
    @Override
    protected void doStart() {
        table = null;
        options.check();
        if (CheckOnly.isIn(getCamelContext())) {
            return;
        }
        try {
            table();
        } catch (DataAccessException e) {
            String reason = String.valueOf(e.getMostSpecificCause().getMessage());
            if (SqlFailureReader.isTableMissing(e)
                    || new SqlFailureReader().read(e, clock.instant()) instanceof Outcome.Refused) {
                throw new IllegalArgumentException("the " + options.label() + " cannot be read: " + reason, e);
            }
            LOG.warn("The {} cannot be read yet: {}", options.label(), LogText.of(reason));
        }
    }

    private SqlTable table() {
        SqlTable found = table;
        if (found == null) {
            found = options.find(Objects.requireNonNull(getCamelContext(), "not started"));
            table = found;
        }
        return found;
    }

    @Override
    public String begin(@Nullable Cursor saved) {
        Instant now = clock.instant();
        ObjectNode start = JsonNodeFactory.instance.objectNode();
        SqlMark mark = saved == null ? null : SqlMark.parse(saved.value());
        seen = new PullCursor(mark == null ? null : mark.at().asText(), now);
        seenWithPage = null;
        isCompleteKnown = false;
        String at = mark == null ? null : mark.at().asText();
        cursorAhead(at != null && seen.isAhead(at) ? at : null);
        if (saved != null && mark != null) {
            boolean settled = saved.savedAt().plus(LATE_MAX).isBefore(now);
            start = mark.json();
            if (!mark.ids().isEmpty() && !settled) {
                start = JsonNodeFactory.instance.objectNode();
                start.set(UP_TO, mark.json());
            }
        }
        isUnsortedDue = unsortedRead == null
                || Duration.between(unsortedRead, now).abs().compareTo(LATE_MAX) > 0;
        if (!isUnsortedDue) {
            return start.toString();
        }
        ObjectNode unsorted = JsonNodeFactory.instance.objectNode();
        unsorted.putNull(UNSORTED);
        unsorted.set(THEN, start);
        return unsorted.toString();
    }

    @Override
    protected long batchBytesMax() {
        return BATCH_BYTES_MAX;
    }

    @Override
    public Batch next(@Nullable String position, int recordsMax) throws JsonProcessingException {
        JsonNode at = ExactJson.MAPPER.readTree(Objects.requireNonNull(position));
        if (at.has(UNSORTED)) {
            return unsorted(at, recordsMax);
        }
        if (isUnsortedDue) {
            isUnsortedDue = false;
            unsortedRead = clock.instant();
        }
        return at.has(UP_TO) ? again(at, recordsMax) : forward(at, recordsMax);
    }

    private Batch forward(JsonNode at, int recordsMax) {
        if (!isCompleteKnown) {
            complete = writers.complete(name(), table(), options.delay(), seen);
            isCompleteKnown = true;
        }
        SqlMark after = at.has("at") ? SqlMark.of(at) : null;
        SqlMark upTo = at.has(BEYOND) ? null : complete;
        boolean isBeyond = upTo == null && SqlWriters.areAwaited(table(), options.delay());
        SqlTable.Page page = table().page(new SqlTable.Range(after, null, upTo), recordsMax, batchBytesMax());
        List<SqlTable.SqlPullRow> rows = page.rows();
        ObjectNode to = rows.isEmpty() ? (ObjectNode) at : last(rows);
        if (isBeyond || (page.isLast() && upTo != null)) {
            to.put(BEYOND, true);
        }
        SqlMark last = lastInTime(rows);
        SqlMark save = isBeyond ? null : last;
        return batch(rows, to.toString(), save == null ? null : save.json().toString(), page.isLast() && upTo == null);
    }

    private Batch unsorted(JsonNode at, int recordsMax) {
        List<JsonNode> afterIds = SqlMark.ids(at.path(UNSORTED));
        SqlTable.Page page = table().withoutCursor(afterIds, recordsMax, batchBytesMax());
        List<SqlTable.SqlPullRow> rows = page.rows();
        if (!page.isLast()) {
            ObjectNode to = JsonNodeFactory.instance.objectNode();
            to.set(UNSORTED, rows.get(rows.size() - 1).mark().id());
            to.set(THEN, at.path(THEN));
            return batch(rows, to.toString(), null, false);
        }
        long withoutId = table().withoutId();
        String text = withoutId
                + " rows have no value in the columns " + idColumn
                + " and are not read, because they have no place in the order: give them one, or use another idColumn";
        if (problem("rows", withoutId == 0 ? null : text)) {
            LOG.warn("Pull {}: {}", name(), text);
        }
        return batch(rows, at.path(THEN).toString(), null, false);
    }

    private Batch again(JsonNode at, int recordsMax) {
        SqlMark upTo = SqlMark.of(at.path(UP_TO));
        SqlMark after = at.has(AGAIN) ? SqlMark.of(at.path(AGAIN)) : null;
        SqlTable.Range range = new SqlTable.Range(after, after == null ? options.overlap() : null, upTo);
        SqlTable.Page page = table().page(range, recordsMax, batchBytesMax());
        List<SqlTable.SqlPullRow> rows = page.rows();
        if (page.isLast()) {
            return batch(rows, upTo.json().toString(), null, false);
        }
        ObjectNode to = JsonNodeFactory.instance.objectNode();
        to.set(UP_TO, upTo.json());
        to.set(AGAIN, last(rows));
        return batch(rows, to.toString(), null, false);
    }

    /** The last row before the first of the run that is dated later than now; null if there is none. */
    private @Nullable SqlMark lastInTime(List<SqlTable.SqlPullRow> rows) {
        PullCursor withPage = new PullCursor(seen);
        withPage.see(rows.stream().map(row -> table().time(row.mark())).toList());
        seenWithPage = withPage;
        SqlMark last = null;
        for (SqlTable.SqlPullRow row : rows) {
            if (seen.ahead() > 0 || withPage.isAhead(table().time(row.mark()))) {
                return last;
            }
            last = row.mark();
        }
        return last;
    }

    @Override
    public void taken(Batch batch, boolean mayBeNew) {
        if (seenWithPage != null) {
            seen = seenWithPage;
            seenWithPage = null;
        }
    }

    @Override
    protected void ended() {
        seen(seen, 0);
    }

    private static ObjectNode last(List<SqlTable.SqlPullRow> rows) {
        return rows.get(rows.size() - 1).mark().json();
    }

    private Batch batch(List<SqlTable.SqlPullRow> rows, String position, @Nullable String cursor, boolean isLast) {
        List<Object> records = rows.stream()
                .map(row -> (Object) new PulledRow(row.body(), row.version(), options.isDeleted(row.body())))
                .toList();
        String first = rows.isEmpty() ? "" : rows.get(0).mark().idText();
        return new Batch(records, options.label() + ":" + first, position, cursor, isLast);
    }
}
