package dev.serai.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.camel.http.ByteBudget;
import dev.serai.connector.pull.PullSourceContract;
import dev.serai.ledger.model.Cursor;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** The promises of a table pull on every database: {@code orders (id, at, note)} with a number as the cursor. */
abstract class SqlPullSourceContract extends PullSourceContract {
    static final String ROUTE = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:sql-pull-source
                  parameters:
                    dataSource: shop
                    interval: 50ms
            %s
                  steps:
                    - process:
                        ref: probe
                    - to:
                        uri: ledger:orders
                        parameters:
                          batch: true
                          key: "${jq(.id)}"
                          version: "${jq(.at)}"
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: all, startFrom: earliest, concurrency: 1 }
                  steps:
                    - process:
                        ref: target
            """;

    @TempDir
    Path data;

    final List<String> delivered = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger runs = new AtomicInteger();
    String key = "${jq(.id)}";
    volatile Processor probe = exchange -> {};
    Consumer<CamelContext> before = context -> {};
    HikariDataSource source;
    JdbcTemplate db;
    KameletRunner runner;

    abstract String jdbcUrl() throws Exception;

    String text() {
        return "TEXT";
    }

    @BeforeEach
    void open() throws Exception {
        source = new HikariDataSource();
        source.setJdbcUrl(jdbcUrl());
        source.setMaximumPoolSize(2);
        db = new JdbcTemplate(source);
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, at BIGINT, note " + text() + ")");
    }

    @AfterEach
    void close() {
        stopPull();
        stop();
        source.close();
    }

    // ---- As a source like any other

    private int written;

    @Override
    protected String kamelet() {
        return "sql-pull-source";
    }

    @Override
    protected String options() {
        return """
                dataSource: shop
                interval: 50ms
                table: orders
                cursorColumn: at
                idColumn: id
                batchSize: 2
                """;
    }

    @Override
    protected String ledgerOptions() {
        return "key: \"${jq(.note)}\"\nversion: \"${jq(.at)}\"";
    }

    @Override
    protected void bind(CamelContext context) {
        context.getRegistry().bind("shop", source);
    }

    @Override
    protected void write(String... keys) {
        for (String one : keys) {
            written++;
            insert(written, written, one);
        }
    }

    @Override
    protected void writeBroken() {
        write((String) null);
    }

    @Override
    protected void takeAway() {
        db.execute("ALTER TABLE orders RENAME TO gone");
    }

    @Override
    protected void bringBack() {
        db.execute("ALTER TABLE gone RENAME TO orders");
    }

    // ---- How it runs

    void stop() {
        if (runner != null) {
            runner.close();
            runner = null;
        }
    }

    void start(String parameters) throws Exception {
        stop();
        runner = new KameletRunner(data);
        before.accept(runner.context);
        runner.context.getRegistry().bind("shop", source);
        runner.context.getRegistry().bind("probe", (Processor) exchange -> {
            runs.incrementAndGet();
            probe.process(exchange);
        });
        runner.context.getRegistry().bind("target", (Processor)
                exchange -> delivered.add(exchange.getMessage().getBody(String.class)));
        String ids = parameters.contains("idColumn: ") ? "" : "idColumn: id\n";
        String route = route().replace("${jq(.id)}", key)
                .formatted((ids + parameters).indent(8).stripTrailing());
        runner.with(route, Map.of()).start();
    }

    String route() {
        return ROUTE;
    }

    void startOrders(String parameters) throws Exception {
        start("table: orders\ncursorColumn: at\n" + parameters);
    }

    void insert(int id, long at, String note) {
        db.update("INSERT INTO orders (id, at, note) VALUES (?, ?, ?)", id, at, note);
    }

    static String row(int id, long at, String note) {
        return "{\"id\":" + id + ",\"at\":" + at + ",\"note\":" + (note == null ? null : '"' + note + '"') + "}";
    }

    void awaitDelivered(String... bodies) {
        await().untilAsserted(() -> assertThat(delivered).containsExactlyInAnyOrder(bodies));
    }

    /** Waits until all existing rows were read, and the overlap was read again after them. */
    void awaitAnotherRun() {
        int before = runs.get();
        await().until(() -> runs.get() >= before + 2);
    }

    String cursor() {
        return runner.ledger().cursor("orders-in").map(Cursor::value).orElse("none");
    }

    @Test
    void rowsAreReadOnceInOrderAndAgainAfterAChange() throws Exception {
        insert(3, 10, "c");
        insert(1, 20, null);
        startOrders("batchSize: 1");
        await().untilAsserted(() -> assertThat(delivered).containsExactly(row(3, 10, "c"), row(1, 20, null)));

        db.update("UPDATE orders SET at = 30, note = 'new' WHERE id = 3");
        await().untilAsserted(() -> assertThat(delivered).hasSize(3).contains(row(3, 30, "new")));
        awaitAnotherRun();
        assertThat(delivered).hasSize(3);
    }

    @Test
    void rowsOfEqualValueAreNeitherLostNorDuplicated() throws Exception {
        IntStream.rangeClosed(1, 7).forEach(i -> insert(i * 10, 5, "x"));
        startOrders("batchSize: 3");
        await().until(() -> delivered.size() == 7);

        insert(15, 5, "late, in the middle");
        insert(99, 5, "late, at the end");
        await().until(() -> delivered.size() == 9);
        insert(1, 6, "newer");
        insert(2, 5, "too late to be seen");
        await().until(() -> delivered.contains(row(1, 6, "newer")));
        awaitAnotherRun();
        assertThat(delivered).doesNotHaveDuplicates().contains(row(15, 5, "late, in the middle"), row(1, 6, "newer"));
    }

    @Test
    void largeRowsAreReadInSmallerBatches() throws Exception {
        String large = "x".repeat(600_000);
        IntStream.rangeClosed(1, 9).forEach(i -> insert(i, i / 2, large));
        AtomicInteger most = new AtomicInteger();
        probe = exchange ->
                most.accumulateAndGet(exchange.getMessage().getBody(List.class).size(), Math::max);
        startOrders("overlap: \"0\"");
        await().until(() -> delivered.size() == 9);

        assertThat(most.get()).isBetween(1, 3);
        insert(10, 9, "small");
        await().until(() -> delivered.size() == 10);
    }

    @Test
    void aBatchIsReadOnceThereIsMemoryForIt() throws Exception {
        ByteBudget budget = new ByteBudget(3L << 20);
        assertThat(budget.take(2L << 20)).isTrue();
        insert(1, 1, "a");
        before = context -> context.getRegistry().bind("byteBudget", budget);
        startOrders("");
        await().until(() -> runner.context.getInflightRepository().size() > 0); // the run has begun, and waits
        assertThat(runs.get()).isZero();
        budget.back(2L << 20);

        awaitDelivered(row(1, 1, "a"));
        await().until(() -> budget.taken() == 0);
    }

    @Test
    void lateRowsWithinTheOverlapAreRead() throws Exception {
        insert(1, 1_000, "a");
        startOrders("overlap: \"100\"");
        awaitDelivered(row(1, 1_000, "a"));
        insert(2, 900, "late");
        insert(3, 899, "too late");

        awaitDelivered(row(1, 1_000, "a"), row(2, 900, "late"));
        awaitAnotherRun();
        assertThat(delivered).hasSize(2);
    }

    @Test
    void noConnectionIsHeldWhileTheRouteRuns() throws Exception {
        insert(1, 1, "a");
        AtomicInteger most = new AtomicInteger();
        probe = exchange -> most.accumulateAndGet(source.getHikariPoolMXBean().getActiveConnections(), Math::max);
        startOrders("");
        awaitDelivered(row(1, 1, "a"));

        assertThat(most).hasValue(0);
    }

    @Test
    void aCursorSetByAnOperatorIsTheValueToStartFrom() throws Exception {
        IntStream.rangeClosed(1, 5).forEach(i -> insert(i, i, "n"));
        startOrders("overlap: \"0\"");
        await().until(() -> delivered.size() == 5);
        db.update("UPDATE orders SET note = 'repaired'");

        await().untilAsserted(
                        () -> { // a run under way may save its own cursor after this one
                            runner.ledger()
                                    .saveCursor(new Cursor("orders-in", "4", java.time.Instant.now()))
                                    .get();
                            assertThat(delivered).contains(row(4, 4, "repaired"), row(5, 5, "repaired"));
                        });
        awaitAnotherRun();
        assertThat(delivered).doesNotContain(row(3, 3, "repaired"));
    }

    @Test
    void aRowDatedInTheFutureDoesNotMoveTheCursor() throws Exception {
        db.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at " + time() + ")");
        db.execute("INSERT INTO events VALUES (1, '2026-11-01 10:00:00'), (2, '2099-01-01 00:00:00')");
        start("table: events\ncursorColumn: at\nbatchSize: 1");
        await().until(() -> delivered.size() == 2);
        assertThat(cursor()).contains("2026-11-01").doesNotContain("2099");

        db.execute("INSERT INTO events VALUES (3, '2026-11-21 10:00:00'), (4, '2026-11-22 10:00:00')");
        await().until(() -> delivered.size() == 4);
        awaitAnotherRun();
        assertThat(delivered).hasSize(4).doesNotHaveDuplicates();
        await().until(() -> cursor().contains("2026-11-22"));
    }

    abstract String time();

    @Test
    void rowsOfTheHourThatComesTwiceAreFound() throws Exception {
        db.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at " + time() + ")");
        db.execute("INSERT INTO events VALUES (1, '2026-10-25 02:40:00'), (2, '2026-10-25 02:55:00')");
        start("table: events\ncursorColumn: at");
        await().until(() -> cursor().contains("02:55"));

        db.execute("INSERT INTO events VALUES (3, '2026-10-25 02:10:00')");
        await().until(() -> delivered.size() == 3);
    }

    @Test
    void secondsSinceOneNineSevenZeroInTheFutureDoNotMoveTheCursor() throws Exception {
        insert(1, 1_700_000_000, "a");
        insert(2, 2_900_000_000L, "wrong");
        startOrders("");
        await().until(() -> delivered.size() == 2);

        insert(3, 1_700_000_100, "b");
        awaitDelivered(row(1, 1_700_000_000, "a"), row(2, 2_900_000_000L, "wrong"), row(3, 1_700_000_100, "b"));
    }

    @Test
    void rowsWithoutACursorValueAreReadOnce() throws Exception {
        IntStream.rangeClosed(1, 5).forEach(i -> db.update("INSERT INTO orders (id, note) VALUES (?, 'none')", i));
        insert(6, 6, "n");
        start("table: orders\ncursorColumn: at\nbatchSize: 2");
        await().until(() -> delivered.size() == 6);
        assertThat(delivered).contains("{\"id\":3,\"at\":null,\"note\":\"none\"}");
        awaitAnotherRun();

        start("table: orders\ncursorColumn: at");
        awaitAnotherRun();
        assertThat(delivered).hasSize(6);
    }

    @Test
    void columnsAreFoundInAnotherCase() throws Exception {
        insert(1, 10, "a");
        start("table: ORDERS\ncursorColumn: At\n");
        awaitDelivered(row(1, 10, "a"));
    }

    @Test
    void aTableWithoutItsColumnsFailsTheStart() {
        assertThatThrownBy(() -> start("table: orders\ncursorColumn: updated_at"))
                .hasStackTraceContaining("the table \"orders\" has no column \"updated_at\"; it has \"");
        assertThatThrownBy(() -> start("table: nowhere\ncursorColumn: at"))
                .hasStackTraceContaining("the database has no table \"nowhere\"");
        assertThatThrownBy(() -> start("table: orders\ncursorColumn: \"at; DROP TABLE orders\""))
                .hasStackTraceContaining("cursorColumn is not the name of a table or column");
    }

    @Test
    void aQueryIsReadInsteadOfATable() throws Exception {
        db.execute("CREATE TABLE notes (order_id INTEGER PRIMARY KEY, words " + text() + ")");
        insert(1, 10, "a");
        insert(2, 20, "b");
        db.execute("INSERT INTO notes VALUES (1, 'one'), (2, 'two')");
        startQuery("SELECT o.id, o.at, n.words AS note FROM orders o JOIN notes n ON n.order_id = o.id -- both;");
        awaitDelivered(row(1, 10, "one"), row(2, 20, "two"));

        insert(3, 30, "c");
        db.execute("INSERT INTO notes VALUES (3, 'three')");
        await().until(() -> delivered.size() == 3);
        awaitAnotherRun();
        assertThat(delivered).hasSize(3).contains(row(3, 30, "three"));
    }

    void startQuery(String query) throws Exception {
        start("query: >-\n  " + query + "\ncursorColumn: at\nbatchSize: 1");
    }

    @Test
    void aQueryThatTheDatabaseRefusesFailsTheStart() {
        assertThatThrownBy(() -> startQuery("SELECT id, at FROM nowhere"))
                .hasStackTraceContaining("the query cannot be read: ")
                .hasStackTraceContaining("nowhere");
        assertThatThrownBy(() -> startQuery("SELECT id FROM orders"))
                .hasStackTraceContaining("the query has no column \"at\"; it has \"id\"");
        assertThatThrownBy(() -> start("cursorColumn: at"))
                .hasStackTraceContaining("sql-pull-source needs a table or a query: set one of them");
        assertThatThrownBy(() -> start("table: orders\nquery: SELECT 1\ncursorColumn: at"))
                .hasStackTraceContaining("but has both");
    }

    @Test
    void severalColumnsTellRowsOfEqualValueApart() throws Exception {
        key = "${jq(.shop)}/${jq(.id)}";
        db.execute("CREATE TABLE items (shop VARCHAR(9), id INTEGER, at BIGINT, PRIMARY KEY (shop, id))");
        for (String shop : List.of("a", "b", "c")) {
            IntStream.rangeClosed(1, 3).forEach(i -> db.update("INSERT INTO items VALUES (?, ?, 5)", shop, i));
        }
        start("table: items\ncursorColumn: at\nidColumn: shop, id\nbatchSize: 2");
        await().untilAsserted(() -> assertThat(delivered).hasSize(9));
        assertThat(cursor()).contains("[\"c\",").contains("3");

        db.update("INSERT INTO items VALUES ('b', 4, 5)");
        db.update("INSERT INTO items (shop, id) VALUES ('d', 1)");
        start("table: items\ncursorColumn: at\nidColumn: shop, id\nbatchSize: 2");
        await().untilAsserted(() -> assertThat(delivered).hasSize(11));
        awaitAnotherRun();
        assertThat(delivered).hasSize(11).doesNotHaveDuplicates();
    }

    @Test
    void aColumnNamedLikeTheAliasIsRead() throws Exception {
        db.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, r VARCHAR(9))");
        db.execute("INSERT INTO things VALUES (1, 'x')");
        start("table: things\ncursorColumn: id");

        awaitDelivered("{\"id\":1,\"r\":\"x\"}");
    }

    @Test
    void rowsMarkedAsDeletedBecomeDeletes() throws Exception {
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, at BIGINT, gone " + time() + ", hidden BOOLEAN)");
        db.execute("INSERT INTO users VALUES (1, 1, NULL, false), (2, 2, '2026-01-01 00:00:00', true)");
        start("table: users\ncursorColumn: at\ndeletedColumn: GONE");
        await().until(() -> delivered.size() == 2);
        assertThat(operations()).containsExactly("DELETE", "UPSERT");

        db.execute("UPDATE users SET at = 3, gone = '2026-01-02 00:00:00' WHERE id = 1");
        await().until(() -> delivered.size() == 3);
        assertThat(operations()).containsExactly("DELETE", "DELETE", "UPSERT");

        start("table: users\ncursorColumn: at\ndeletedColumn: hidden\nname: again");
        await().until(() -> operations().size() == 4); // one is no longer a delete, the other one still is
        awaitAnotherRun();
        assertThat(operations()).containsExactly("UPSERT", "DELETE", "DELETE", "UPSERT");
    }

    /** Of the changes, the newest first. */
    private List<String> operations() {
        return runner.accepted("orders").stream()
                .map(entry -> entry.change().operation().name())
                .toList();
    }

    @Test
    void theCursorWaitsForTheDelay() throws Exception {
        insert(1, 5_000, "a");
        startOrders("overlap: \"0\"\ndelay: 1h");
        awaitDelivered(row(1, 5_000, "a"));
        awaitAnotherRun();
        assertThat(cursor()).isEqualTo("none");
        insert(2, 1, "late");
        awaitDelivered(row(1, 5_000, "a"), row(2, 1, "late"));

        startOrders("overlap: \"0\"\ndelay: 10ms");
        await().until(() -> cursor().contains("5000"));
        awaitAnotherRun();
        assertThat(delivered).hasSize(2);
    }
}
