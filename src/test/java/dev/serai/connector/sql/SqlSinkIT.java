package dev.serai.connector.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.TcpRelay;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL sink on a real PostgreSQL, with the types that text has to fit. */
class SqlSinkIT {
    private static final String ID = "11111111-2222-3333-4444-555555555555";
    private static final String ROUTE = SqlSinkTest.ROUTE.replace("table: scores", "table: public.scores");

    private static final String WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";

    @TempDir
    private Path data;

    private static EmbeddedPostgres postgres;
    private static int databases;

    private String database;
    private TcpRelay relay;
    private HikariDataSource source;
    private KameletRunner runner;
    private JdbcTemplate db;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        database = "d" + databases++;
        try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
            connection.createStatement().execute("CREATE DATABASE " + database);
        }
        relay = new TcpRelay(new InetSocketAddress(InetAddress.getLoopbackAddress(), postgres.getPort()));
        source = new HikariDataSource();
        source.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + relay.port() + "/" + database + "?user=postgres");
        db = new JdbcTemplate(source);
        db.execute("CREATE TABLE scores (id uuid PRIMARY KEY, at timestamptz, points bigint, price numeric(12,2),"
                + " ok boolean, more jsonb, note text)");
        db.execute("CREATE TABLE players (id bigint PRIMARY KEY, at timestamptz, name text NOT NULL,"
                + " gone boolean NOT NULL DEFAULT false)");
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("target", source);
        runner.with(ROUTE, Map.of()).start();
    }

    @AfterEach
    void stop() throws Exception {
        runner.close();
        source.close();
        relay.close();
    }

    private Exchange send(String rest) {
        return runner.send("direct:in", ("{\"id\":\"" + ID + "\"," + rest + "}").getBytes(UTF_8), Map.of());
    }

    private Map<String, Object> row() {
        List<Map<String, Object>> rows = db.queryForList("SELECT * FROM scores");
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }

    @Test
    void aRowOfManyTypesNeverGoesBack() {
        assertThat(send("\"at\":\"2026-01-01T00:00:00Z\",\"points\":1,\"price\":12.34,\"ok\":true,\"more\":{\"a\":[1]},"
                                + "\"note\":null")
                        .getException())
                .isNull();
        assertThat(row())
                .containsEntry("points", 1L)
                .containsEntry("price", new BigDecimal("12.34"))
                .containsEntry("ok", true)
                .containsEntry("note", null);
        assertThat(row().get("more")).hasToString("{\"a\": [1]}");

        assertThat(send("\"at\":\"2025-12-31T00:00:00Z\",\"points\":2").getException())
                .isNull();
        assertThat(row()).containsEntry("points", 1L);

        assertThat(send("\"at\":\"2026-01-01T01:00:00+01:00\",\"points\":3").getException())
                .isNull();
        assertThat(row()).containsEntry("points", 3L).containsEntry("ok", true);

        runner.sendOk(
                "direct:in",
                new byte[0],
                Map.of(
                        "CamelLedgerOperation", "delete",
                        "CamelLedgerKey", ID,
                        "CamelLedgerVersion", "2026-06-01T00:00:00Z"));
        assertThat(db.queryForList("SELECT * FROM scores")).isEmpty();
    }

    @Test
    void valuesAreConvertedToTheColumnsTypes() throws Exception {
        db.execute("CREATE TABLE things (\"ID\" text PRIMARY KEY, at timestamptz, bytes bytea, tags text[], grid int[],"
                + " more jsonb, price numeric, short varchar(3), n integer)");
        runner.with(
                ROUTE.replace("direct:in", "direct:things")
                        .replace("direct:marked", "direct:others")
                        .replace("public.scores", "things"),
                Map.of());
        String thing = """
                {"id":5,"AT":1767225600,"bytes":"AQI=","tags":["a,b","q\\"\\\\",null],"grid":[[1,2],[3,4]],"more":"text",
                "price":12345678901234567890.10,"n":true}""";
        runner.sendOk("direct:things", thing.getBytes(UTF_8), Map.of());

        assertThat(db.queryForMap(
                        "SELECT \"ID\" AS id, at = '2026-01-01T00:00:00Z' AS at, encode(bytes, 'hex') AS bytes,"
                                + " tags[1] AS first, tags[2] AS second, tags[3] IS NULL AS third, grid[2][1] AS grid,"
                                + " more #>> '{}' AS more, price, n FROM things"))
                .containsAllEntriesOf(Map.of(
                        "id",
                        "5",
                        "at",
                        true,
                        "bytes",
                        "0102",
                        "first",
                        "a,b",
                        "second",
                        "q\"\\",
                        "third",
                        true,
                        "grid",
                        3,
                        "more",
                        "text",
                        "price",
                        new BigDecimal("12345678901234567890.10"),
                        "n",
                        1));

        Exchange tooLong = runner.send(
                "direct:things", "{\"id\":5,\"at\":1767225601,\"short\":\"abcd\"}".getBytes(UTF_8), Map.of());
        assertThat(new OutcomeReader(Clock.systemUTC()).of(tooLong))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("value too long"));
        runner.sendOk(
                "direct:things",
                "{\"id\":5,\"at\":1767225602}".getBytes(UTF_8),
                Map.of("CamelLedgerOperation", "delete"));
        assertThat(db.queryForList("SELECT * FROM things")).isEmpty();
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
        return db.queryForObject("SELECT string_agg(id || name || gone, ' ' ORDER BY id) FROM players", String.class);
    }

    @Test
    void batchesMarkDeletedRowsAndNeverRestoreThem() {
        String first = "2026-01-01T00:00:00Z";
        String second = "2026-01-01T02:00:00+01:00";
        String third = "2026-01-01T03:00:00Z";

        runner.sendOk("direct:marked", List.of(player(1, first, "a"), player(2, third, "b")), Map.of());
        runner.sendOk("direct:marked", List.of(gone(1, second), gone(2, second), player(3, first, "c")), Map.of());
        assertThat(players()).isEqualTo("1atrue 2bfalse 3cfalse");

        runner.sendOk("direct:marked", List.of(player(1, first, "late"), player(3, second, "d")), Map.of());
        assertThat(players()).isEqualTo("1atrue 2bfalse 3dfalse");

        runner.sendOk("direct:marked", List.of(player(1, third, "new")), Map.of());
        assertThat(players()).isEqualTo("1newfalse 2bfalse 3dfalse");
    }

    @Test
    void aBatchIsAtomicAndItsErrorIsThatOfTheRow() {
        Exchange result = runner.send(
                "direct:marked", List.of(player(1, "2026-01-01T00:00:00Z", "a"), player(2, "soon", "b")), Map.of());

        assertThat(new OutcomeReader(Clock.systemUTC()).of(result))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("invalid input syntax for type timestamp")
                        .doesNotContain("Batch entry"));
        assertThat(db.queryForList("SELECT * FROM players")).isEmpty();
    }

    @Test
    void aMissingDatabaseIsAnOutage() throws Exception {
        source.setConnectionTimeout(1_000);
        relay.close();

        Outcome one = new OutcomeReader(Clock.systemUTC()).of(send("\"at\":\"2026-01-01T00:00:00Z\""));
        Outcome batch = new OutcomeReader(Clock.systemUTC())
                .of(runner.send("direct:marked", List.of(player(1, "", "a"), player(2, "", "b")), Map.of()));

        assertThat(one).isInstanceOf(Outcome.Unreachable.class);
        assertThat(batch).isInstanceOf(Outcome.Unreachable.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatEndsInTheMiddleOfAStatementIsNoFaultOfTheChanges(boolean batch) throws Exception {
        runner.sendOk("direct:marked", List.of(player(1, "2026-01-01T00:00:00Z", "a")), Map.of());
        try (Connection other = source.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("UPDATE players SET name = 'held' WHERE id = 1");
            Exchange one = player(1, "2026-01-02T00:00:00Z", "b");
            CompletableFuture<Exchange> result = CompletableFuture.supplyAsync(() -> batch
                    ? runner.send("direct:marked", List.of(one, player(2, "2026-01-02T00:00:00Z", "c")), Map.of())
                    : runner.send("direct:marked", List.of(one), Map.of()));
            await().until(() -> db.queryForObject(WAITING, Integer.class) == 1);
            db.queryForList("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result.join()))
                    .isInstanceOfSatisfying(Outcome.Unreachable.class, unreachable -> assertThat(unreachable.error())
                            .contains("terminating connection"));
            other.rollback();
        }
        assertThat(players()).isEqualTo("1afalse");
    }

    @Test
    void aConnectionThatIsCutInTheMiddleOfAStatementIsNoFaultOfTheChanges() throws Exception {
        runner.sendOk("direct:marked", List.of(player(1, "2026-01-01T00:00:00Z", "a")), Map.of());
        try (Connection other = postgres.getDatabase("postgres", database).getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("UPDATE players SET name = 'held' WHERE id = 1");
            CompletableFuture<Exchange> result = CompletableFuture.supplyAsync(
                    () -> runner.send("direct:marked", List.of(player(1, "2026-01-02T00:00:00Z", "b")), Map.of()));
            await().until(() -> db.queryForObject(WAITING, Integer.class) == 1);
            relay.cut();

            assertThat(new OutcomeReader(Clock.systemUTC()).of(result.join())).isInstanceOf(Outcome.Unreachable.class);
            other.rollback();
        }
    }

    @Test
    void aReadOnlyDatabaseIsAnOutage() {
        source.setMaximumPoolSize(1);
        source.getHikariPoolMXBean().softEvictConnections();
        db.execute("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        db.execute("SELECT 1");
        source.getHikariPoolMXBean().softEvictConnections();

        assertThat(new OutcomeReader(Clock.systemUTC()).of(send("\"at\":\"2026-01-01T00:00:00Z\"")))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                    assertThat(failed.error()).contains("read-only transaction");
                    assertThat(failed.outage()).isTrue();
                });
    }

    @Test
    void aRowThatIsTooLargeForTheDatabaseIsRefused() {
        db.execute("CREATE INDEX ON scores (note)");
        // Random, because PostgreSQL compresses other text so that it fits.
        StringBuilder note = new StringBuilder();
        new Random(1).ints(20_000, 'a', 'z' + 1).forEach(c -> note.append((char) c));

        assertThat(new OutcomeReader(Clock.systemUTC())
                        .of(send("\"at\":\"2026-01-01T00:00:00Z\",\"note\":\"" + note + "\"")))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("index row"));
    }

    @Test
    void aValueThatNeverFitsIsRefusedWithTheDatabasesMessage() {
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

        assertThat(outcomes.of(send("\"at\":\"2026-01-01T00:00:00Z\",\"nope\":1")))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("column \"nope\" of relation \"scores\" does not exist"));
        assertThat(outcomes.of(send("\"at\":\"soon\"")))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("invalid input syntax for type timestamp"));
    }
}
