package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.CheckOnly;
import dev.serai.camel.LiveCheck;
import dev.serai.camel.OutgoingRequest;
import dev.serai.camel.OutgoingStep;
import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Service;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Writes changes to a table of SQLite, PostgreSQL, MySQL or MariaDB, for the Kamelet {@code sql-sink}: an upsert, or a delete for {@code
 * operation=delete}, that never replaces a newer version. Columns that a change does not name keep their values. The message
 * is not changed.
 *
 * <p>Promise: a batch is one transaction. The start fails if the table or a configured column is missing; it only logs a
 * warning if the database cannot be reached.
 *
 * <p>Threads: safe.
 */
public final class SqlSink implements Processor, Service, CamelContextAware, LiveCheck, OutgoingStep {
    private record ReadTable(SqlSinkTable table, long atNanos) {}

    private static final Logger LOG = LoggerFactory.getLogger(SqlSink.class);
    /** How long an unknown field is ignored before the columns are read again. */
    private static final Duration IGNORED = Duration.ofSeconds(10);

    private final String tableName;
    private final String keyColumn;
    private final @Nullable String versionColumn;
    private final @Nullable String deletedColumn;
    private boolean ignoresUnknown;
    private volatile @Nullable ReadTable found;
    private @Nullable CamelContext context;
    private @Nullable JdbcOperations jdbc;
    private @Nullable TransactionTemplate transaction;

    /**
     * @param table its name in the database, with or without a schema and a dot
     * @param keyColumn the primary key, or another column with a unique constraint
     * @param versionColumn orders the states of a row by its type's comparison; null or blank for none
     * @param deletedColumn a boolean that is true in removed rows; null or blank to delete removed rows
     */
    public SqlSink(String table, String keyColumn, @Nullable String versionColumn, @Nullable String deletedColumn) {
        this.tableName = SqlName.table(table);
        this.keyColumn = SqlName.option("keyColumn", keyColumn);
        this.versionColumn = SqlName.optional("versionColumn", versionColumn);
        this.deletedColumn = SqlName.optional("deletedColumn", deletedColumn);
    }

    /** @param onUnknownColumn what to do with fields that are not columns: deadLetter refuses their changes, or ignore */
    public void setOnUnknownColumn(String onUnknownColumn) {
        if (!onUnknownColumn.equals("deadLetter") && !onUnknownColumn.equals("ignore")) {
            throw new IllegalArgumentException(
                    "onUnknownColumn is deadLetter or ignore, not " + LogText.of(onUnknownColumn));
        }
        ignoresUnknown = onUnknownColumn.equals("ignore");
    }

    @Override
    public void setCamelContext(@Nullable CamelContext camelContext) {
        this.context = camelContext;
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    /** @param jdbc on the same data source as the transactions */
    public void setJdbc(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    public void setTransactions(PlatformTransactionManager transactions) {
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public void start() {
        if (CheckOnly.isIn(context)) {
            return;
        }
        try {
            read();
        } catch (DataAccessException e) {
            LOG.warn(
                    "Could not check the table {} before the start: {}",
                    tableName,
                    LogText.of(e.getMostSpecificCause().getMessage()));
        }
    }

    /** Looks for the table and its columns. */
    @Override
    public String tryOut() {
        read();
        return "the table " + tableName + " has the columns";
    }

    private SqlSinkTable read() {
        JdbcOperations db = Objects.requireNonNull(jdbc, "jdbc is not set");
        SqlSinkTable table = SqlSinkTable.find(db, tableName, keyColumn, versionColumn, deletedColumn);
        found = new ReadTable(table, System.nanoTime());
        return table;
    }

    /** The table, read again if it seems to have new columns. */
    private SqlSinkTable table(Collection<String> fields) {
        ReadTable last = found;
        if (last == null) {
            return read();
        }
        boolean isOld = !ignoresUnknown || System.nanoTime() - last.atNanos() > IGNORED.toNanos();
        return isOld && !last.table().hasAll(fields) ? read() : last.table();
    }

    @Override
    public void stop() {}

    /** The fields of the rows; a batch is a list of them. Which columns the table has is not looked at. */
    @Override
    public OutgoingRequest request(Exchange exchange) throws Exception {
        boolean isDelete = ChangeBatch.isDelete(exchange.getMessage());
        List<Map<String, JsonNode>> rows = new ArrayList<>();
        for (Exchange change : ChangeBatch.of(exchange)) {
            if (!ChangeBatch.isDelete(change.getMessage())) {
                rows.add(SqlRow.fields(change));
            }
        }
        byte[] body = rows.isEmpty()
                ? new byte[0]
                : ExactJson.MAPPER.writeValueAsBytes(ChangeBatch.isBatch(exchange.getMessage()) ? rows : rows.get(0));
        return new OutgoingRequest(isDelete ? "delete" : "upsert", "table " + tableName, Map.of(), body);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Map<String, List<Object[]>> statements = new LinkedHashMap<>();
        Map<List<String>, String> upserts = new LinkedHashMap<>();
        for (Exchange change : ChangeBatch.of(exchange)) {
            if (ChangeBatch.isDelete(change.getMessage())) {
                delete(change, statements);
                continue;
            }
            Map<String, JsonNode> fields = SqlRow.fields(change);
            SqlSinkTable table = table(fields.keySet());
            Map<String, @Nullable Object> row = SqlRow.ofUpsert(change, fields, table, ignoresUnknown);
            if (table.deleted() != null) {
                row.put(table.deleted(), false);
            }
            table.checkSize(Objects.requireNonNull(jdbc, "jdbc is not set"), change, row.values());
            String sql = upserts.computeIfAbsent(List.copyOf(row.keySet()), table::upsert);
            add(statements, sql, new ArrayList<>(row.values()));
        }
        execute(statements);
    }

    private void delete(Exchange change, Map<String, List<Object[]>> statements) throws Exception {
        SqlSinkTable table = table(List.of());
        Map<String, @Nullable Object> row = SqlRow.ofDelete(change, table);
        List<@Nullable Object> keyAndVersion = new ArrayList<>(row.values());
        if (table.deleted() == null) {
            add(statements, table.delete(), keyAndVersion);
            return;
        }
        row.put(table.deleted(), true);
        List<String> columns = new ArrayList<>(row.keySet());
        List<@Nullable Object> values = new ArrayList<>(row.values());
        List<@Nullable Object> marked = new ArrayList<>(values.subList(1, values.size()));
        marked.addAll(keyAndVersion);
        add(statements, table.mark(columns.subList(1, columns.size())), marked);
        values.add(row.get(table.key()));
        add(statements, table.insertMarked(columns), values);
    }

    private static void add(
            Map<String, List<Object[]>> statements, String sql, List<? extends @Nullable Object> parameters) {
        statements.computeIfAbsent(sql, one -> new ArrayList<>()).add(parameters.toArray());
    }

    private void execute(Map<String, List<Object[]>> statements) {
        JdbcOperations database = Objects.requireNonNull(jdbc, "jdbc is not set");
        SqlSinkTable table = table(List.of());
        boolean isOne =
                statements.size() == 1 && statements.values().iterator().next().size() == 1;
        Runnable work = () -> statements.forEach((sql, parameters) -> {
            if (parameters.size() == 1) {
                database.update(sql, parameters.get(0));
            } else {
                database.batchUpdate(sql, parameters);
            }
        });
        if (isOne && !table.needsSession()) {
            work.run();
        } else {
            Objects.requireNonNull(transaction, "transactions is not set")
                    .executeWithoutResult(status -> table.session(database, work));
        }
    }
}
