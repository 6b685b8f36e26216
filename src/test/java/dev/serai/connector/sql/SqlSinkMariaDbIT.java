package dev.serai.connector.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.MariaDbServer;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL sink on a real MariaDB. */
@Tag("long")
class SqlSinkMariaDbIT {
    @TempDir
    private static Path folder;

    private static MariaDbServer server;

    @TempDir
    private Path data;

    private HikariDataSource source;
    private KameletRunner runner;
    private JdbcTemplate db;

    @BeforeAll
    static void startServer() throws Exception {
        server = MariaDbServer.start(folder);
        server.execute("CREATE USER shop@localhost", "GRANT ALL ON shop.* TO shop@localhost");
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        server.execute("DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop");
        source = new HikariDataSource();
        source.setJdbcUrl(server.url("shop", "shop"));
        source.setMaximumPoolSize(4);
        db = new JdbcTemplate(source);
        db.execute(
                "CREATE TABLE scores (id VARCHAR(40) PRIMARY KEY, at BIGINT UNSIGNED, points BIGINT, price DECIMAL(30,2),"
                        + " ok BOOLEAN, more JSON, bytes BLOB, day DATETIME(6), short VARCHAR(3), kind ENUM('a','b'),"
                        + " email VARCHAR(40) UNIQUE)");
        db.execute("CREATE TABLE players (id BIGINT PRIMARY KEY, at TIMESTAMP(6) NULL, name TEXT NOT NULL,"
                + " gone BOOLEAN NOT NULL DEFAULT false)");
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("target", source);
        runner.with(SqlSinkTest.ROUTE, Map.of()).start();
    }

    @AfterEach
    void stop() throws Exception {
        runner.close();
        source.close();
    }

    private Exchange send(String body) {
        return runner.send("direct:in", body.getBytes(UTF_8), Map.of());
    }

    private void sent(String body) {
        runner.sendOk("direct:in", body.getBytes(UTF_8), Map.of());
    }

    private Map<String, Object> row() {
        return db.queryForMap("SELECT * FROM scores");
    }

    private static Outcome of(Exchange result) {
        return new OutcomeReader(Clock.systemUTC()).of(result);
    }

    private static void assertRefused(Exchange result, String reason) {
        assertThat(of(result)).isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                .contains(reason));
    }

    @Test
    void aRowOfManyTypesNeverGoesBack() {
        sent("{\"ID\":5,\"at\":18446744073709551614,\"points\":9007199254740993,\"price\":12345678901234567890.10,"
                + "\"ok\":true,\"more\":{\"a\":[1.50]},\"bytes\":\"AQI=\",\"day\":\"2026-01-31T10:00:00.123456+02:00\","
                + "\"kind\":\"b\"}");
        assertThat(row())
                .containsEntry("id", "5")
                .containsEntry("points", 9_007_199_254_740_993L)
                .containsEntry("price", new BigDecimal("12345678901234567890.10"))
                .containsEntry("ok", true)
                .containsEntry("more", "{\"a\":[1.50]}")
                .containsEntry("bytes", new byte[] {1, 2})
                .containsEntry("kind", "b");
        assertThat(db.queryForObject("SELECT CAST(day AS CHAR) FROM scores", String.class))
                .isEqualTo("2026-01-31 08:00:00.123456");

        sent("{\"id\":5,\"at\":18446744073709551613,\"points\":2}");
        assertThat(row()).containsEntry("points", 9_007_199_254_740_993L);
        sent("{\"id\":5,\"at\":\"18446744073709551615\",\"points\":3,\"day\":1767225600}");
        assertThat(row()).containsEntry("points", 3L).containsEntry("ok", true);
        sent("{\"id\":5,\"at\":18446744073709551615,\"points\":4}");
        assertThat(row()).containsEntry("points", 4L);

        runner.sendOk(
                "direct:in",
                "{\"id\":5,\"at\":18446744073709551614}".getBytes(UTF_8),
                Map.of("CamelLedgerOperation", "delete"));
        assertThat(row()).containsEntry("points", 4L);
        runner.sendOk(
                "direct:in",
                "{\"id\":5,\"at\":18446744073709551615}".getBytes(UTF_8),
                Map.of("CamelLedgerOperation", "delete"));
        assertThat(db.queryForList("SELECT * FROM scores")).isEmpty();
    }

    @Test
    void aValueThatTheTableNeverTakesIsRefused() {
        assertRefused(send("{\"id\":1,\"at\":1,\"short\":\"abcd\"}"), "Data too long");
        assertRefused(send("{\"id\":1,\"at\":1,\"points\":9223372036854775808}"), "Out of range");
        assertRefused(send("{\"id\":1,\"at\":1,\"points\":1.5}"), "1.5 is not a whole number");
        assertRefused(send("{\"id\":1,\"at\":1,\"points\":\"many\"}"), "\"many\" is not a number");
        assertRefused(send("{\"id\":1,\"at\":1,\"day\":\"soon\"}"), "Incorrect datetime value");
        assertRefused(send("{\"id\":1,\"at\":1,\"kind\":\"c\"}"), "Data truncated");
        assertRefused(send("{\"id\":1,\"at\":1,\"nope\":1}"), "Unknown column 'nope'");
        assertRefused(
                send("{\"id\":1,\"at\":1,\"short\":\"" + "x".repeat(17_000_000) + "\"}"),
                "17000001 bytes, but the server's max_allowed_packet is");
        assertThat(db.queryForList("SELECT * FROM scores")).isEmpty();
        db.execute("DROP TABLE scores");
        assertOutage(send("{\"id\":1,\"at\":1}"), "doesn't exist");
    }

    @Test
    void aValueThatAnotherRowMustNotShareIsRefusedAndChangesNoRow() {
        sent("{\"id\":1,\"at\":1,\"email\":\"a@example.com\"}");
        assertRefused(send("{\"id\":2,\"at\":5,\"email\":\"a@example.com\",\"points\":2}"), "more than 1 row");

        assertThat(row()).containsEntry("id", "1").containsEntry("points", null);
    }

    private Exchange player(int id, String at, String name) {
        String body = "{\"id\":" + id + ",\"at\":\"" + at + "\",\"name\":\"" + name + "\"}";
        return runner.change(body.getBytes(UTF_8), Map.of());
    }

    private Exchange gone(int id, String at) {
        return runner.change(
                new byte[0],
                Map.of(
                        "CamelLedgerOperation",
                        "delete",
                        "CamelLedgerKey",
                        String.valueOf(id),
                        "CamelLedgerVersion",
                        at));
    }

    private String players() {
        return db.queryForObject(
                "SELECT GROUP_CONCAT(id, name, gone ORDER BY id SEPARATOR ' ') FROM players", String.class);
    }

    @Test
    void batchesMarkDeletedRowsAndNeverRestoreThem() {
        String first = "2026-01-01T00:00:00Z";
        String second = "2026-01-01T02:00:00+01:00";
        String third = "2026-01-01T03:00:00Z";

        runner.sendOk("direct:marked", List.of(player(1, first, "a"), player(2, third, "b")), Map.of());
        runner.sendOk("direct:marked", List.of(gone(1, second), gone(2, second), player(3, first, "c")), Map.of());
        assertThat(players()).isEqualTo("1a1 2b0 3c0");

        runner.sendOk("direct:marked", List.of(player(1, first, "late"), player(3, second, "d")), Map.of());
        runner.sendOk("direct:marked", List.of(player(1, second, "repeated")), Map.of());
        assertThat(players()).isEqualTo("1a1 2b0 3d0");

        runner.sendOk("direct:marked", List.of(player(1, third, "new")), Map.of());
        assertThat(players()).isEqualTo("1new0 2b0 3d0");
        assertThat(db.queryForObject("SELECT UNIX_TIMESTAMP(at) FROM players WHERE id = 1", BigDecimal.class))
                .isEqualByComparingTo("1767236400");
        assertThat(db.queryForObject("SELECT @@session.time_zone", String.class))
                .isEqualTo("+05:30");
    }

    @Test
    void afterADeleteOfAMissingRowOlderStatesAreIgnored() {
        db.execute("ALTER TABLE players MODIFY name TEXT NULL");
        runner.sendOk("direct:marked", List.of(gone(1, "2026-01-02T00:00:00Z")), Map.of());
        runner.sendOk("direct:marked", List.of(player(1, "2026-01-01T00:00:00Z", "a")), Map.of());

        assertThat(db.queryForMap("SELECT name, gone FROM players"))
                .containsEntry("name", null)
                .containsEntry("gone", true);
    }

    @Test
    void aTableThatWouldKeepAKeyTwiceStopsTheStart() {
        db.execute("CREATE TABLE twice (id INT, at INT, PRIMARY KEY (id, at))");
        String route = SqlSinkTest.ROUTE
                .replace("direct:in", "direct:twice")
                .replace("direct:marked", "direct:other")
                .replace("table: scores", "table: twice");

        assertThatThrownBy(() -> runner.with(route, Map.of()))
                .rootCause()
                .hasMessageContaining("the column \"id\" of the table \"twice\" is not unique");
    }

    @Test
    void aDatabaseThatCutsValuesStopsTheStart() {
        HikariDataSource careless = new HikariDataSource();
        careless.setJdbcUrl(server.url("shop", "shop") + "&sessionVariables=sql_mode=''");
        runner.context.getRegistry().bind("careless", careless);
        String route = SqlSinkTest.ROUTE
                .replace("direct:in", "direct:careless")
                .replace("direct:marked", "direct:other")
                .replace("dataSource: target", "dataSource: careless");
        try (careless) {
            assertThatThrownBy(() -> runner.with(route, Map.of()))
                    .rootCause()
                    .hasMessageContaining("its sql_mode is not strict");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "CUT"})
    void aConnectionThatEndsInTheMiddleOfAStatementIsNoFaultOfTheChanges(String how) throws Exception {
        runner.sendOk("direct:marked", List.of(player(1, "2026-01-01T00:00:00Z", "a")), Map.of());
        try (Connection other = DriverManager.getConnection(server.url("shop", "shop"));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("UPDATE players SET name = 'held' WHERE id = 1");
            CompletableFuture<Exchange> result = CompletableFuture.supplyAsync(() -> runner.send(
                    "direct:marked",
                    List.of(player(1, "2026-01-02T00:00:00Z", "b"), player(2, "2026-01-02T00:00:00Z", "c")),
                    Map.of()));
            await().until(() -> waiting().size() == 1);
            if (how.equals("KILL")) {
                server.execute("KILL " + waiting().get(0));
            } else {
                server.relay().cut();
            }

            assertThat(of(result.join())).isInstanceOf(Outcome.Unreachable.class);
        }
        await().ignoreExceptions() // connections of the pool are cut as well
                .untilAsserted(() -> assertThat(players()).isEqualTo("1a0"));
    }

    private List<Long> waiting() {
        return db.queryForList(
                "SELECT id FROM information_schema.processlist WHERE info LIKE 'INSERT INTO `players`%'", Long.class);
    }

    @Test
    void whatIsWrongWithTheDatabaseIsAnOutage() throws Exception {
        server.execute("SET GLOBAL innodb_lock_wait_timeout = 1");
        source.getHikariPoolMXBean().softEvictConnections();
        sent("{\"id\":1,\"at\":1}");
        try (Connection other = DriverManager.getConnection(server.url("shop", "shop"))) {
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT * FROM scores FOR UPDATE");
            assertOutage(send("{\"id\":1,\"at\":2}"), "Lock wait timeout");
        }
        server.execute("REVOKE ALL ON shop.* FROM shop@localhost", "GRANT SELECT ON shop.* TO shop@localhost");
        source.getHikariPoolMXBean().softEvictConnections();
        try {
            assertOutage(send("{\"id\":1,\"at\":2}"), "command denied");
        } finally {
            server.execute("GRANT ALL ON shop.* TO shop@localhost");
        }
    }

    private static void assertOutage(Exchange result, String reason) {
        assertThat(of(result)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.error()).contains(reason);
            assertThat(failed.outage()).isTrue();
        });
    }
}
