package dev.serai.connector.sql;

import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.text.LogText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Service;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings changes to a table of SQLite or PostgreSQL: an upsert, or for {@code operation=delete} a delete, that never
 * replaces a newer version. What a change does not name stays as it is. The message goes on as it came.
 *
 * <p>Promise: all changes of a batch are written in one transaction, or none. It does not start without the table and the
 * columns that are named, unless the database cannot be asked: that is an outage, and no reason not to start.
 *
 * <p>Threads: safe.
 */
public final class SqlSink implements Processor, Service {
    private static final Logger LOG = LoggerFactory.getLogger(SqlSink.class);
    private final SqlSinkTable table;
    private @Nullable JdbcOperations jdbc;
    private @Nullable TransactionTemplate transaction;

    /**
     * The table's names, as they are in the database.
     *
     * @param table may begin with a schema and a dot
     * @param keyColumn the primary key, or another column with a unique constraint
     * @param versionColumn orders the states of a row as its type compares; null or blank for none
     * @param deletedColumn a boolean that is true in removed rows; null or blank if they are to be deleted
     */
    public SqlSink(String table, String keyColumn, @Nullable String versionColumn, @Nullable String deletedColumn) {
        this.table = new SqlSinkTable(table, keyColumn, versionColumn, deletedColumn);
    }

    /** A table's name, quoted part by part; it may begin with a schema and a dot. */
    static String table(String table) {
        return Arrays.stream(table.split("\\.", -1))
                .map(name -> option("table", name))
                .collect(Collectors.joining("."));
    }

    /** A name, quoted; {@code option} is where it was set. */
    static String option(String option, String name) {
        if (!SqlSinkTable.isName(name)) {
            throw new IllegalArgumentException(option + " is not the name of a table or column: " + LogText.of(name));
        }
        return SqlSinkTable.quoted(name);
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
        try {
            Objects.requireNonNull(jdbc, "jdbc is not set").queryForList(table.look());
        } catch (DataAccessException e) {
            String reason = String.valueOf(e.getMostSpecificCause().getMessage());
            if (isWrong(e, reason)) {
                throw new IllegalArgumentException("sql-sink cannot use " + table.description() + ": " + reason, e);
            }
            LOG.warn("Could not look at {} before the start: {}", table.description(), reason);
        }
    }

    /** Whether the statement names what is not there; SQLite says so in its words only. */
    private static boolean isWrong(DataAccessException failure, String reason) {
        return failure instanceof BadSqlGrammarException || reason.startsWith("[SQLITE_ERROR]");
    }

    @Override
    public void stop() {}

    @Override
    public void process(Exchange exchange) throws Exception {
        Map<String, List<Object[]>> statements = new LinkedHashMap<>();
        Map<List<String>, String> upserts = new LinkedHashMap<>();
        for (Exchange change : ChangeBatch.of(exchange)) {
            if (ChangeBatch.isDelete(change.getMessage())) {
                delete(SqlRow.ofDelete(change, table), statements);
            } else {
                Map<String, @Nullable Object> row = SqlRow.ofUpsert(change, table);
                if (table.deleted() != null) {
                    row.put(table.deleted(), false);
                }
                add(
                        statements,
                        upserts.computeIfAbsent(List.copyOf(row.keySet()), table::upsert),
                        new ArrayList<>(row.values()));
            }
        }
        execute(statements);
    }

    private void delete(Map<String, @Nullable Object> row, Map<String, List<Object[]>> statements) {
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
        if (statements.size() == 1 && statements.values().iterator().next().size() == 1) {
            statements.forEach((sql, parameters) -> database.update(sql, parameters.get(0)));
        } else {
            Objects.requireNonNull(transaction, "transactions is not set")
                    .executeWithoutResult(status -> statements.forEach(database::batchUpdate));
        }
    }
}
