package dev.serai.connector.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;

class SqlSinkTest {
    /** To one table, and to one whose rows are marked as deleted. */
    static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:sql-sink
                        parameters:
                          dataSource: target
                          table: scores
                          keyColumn: id
                          versionColumn: at
            - route:
                from:
                  uri: direct:marked
                  steps:
                    - to:
                        uri: kamelet:sql-sink
                        parameters:
                          dataSource: target
                          table: players
                          keyColumn: id
                          versionColumn: at
                          deletedColumn: gone
            """;

    @TempDir
    private Path data;

    @AutoClose
    private HikariDataSource source = new HikariDataSource();

    @AutoClose
    private KameletRunner runner = new KameletRunner(() -> data);

    private JdbcTemplate db;

    @BeforeEach
    void start() throws Exception {
        source.setJdbcUrl("jdbc:sqlite:" + data.resolve("target.db") + "?busy_timeout=5000");
        db = new JdbcTemplate(source);
        db.execute("CREATE TABLE scores (id TEXT PRIMARY KEY, at INTEGER, points INTEGER, rate REAL, \"Who is\" TEXT,"
                + " ok BOOLEAN, more TEXT)");
        db.execute("CREATE TABLE players (id TEXT PRIMARY KEY, at INTEGER, name TEXT, gone BOOLEAN)");
        runner.context.getRegistry().bind("target", source);
        runner.with(ROUTE, Map.of()).start();
    }

    private Exchange send(String body, Object... headers) {
        return runner.send("direct:in", body.getBytes(UTF_8), map(headers));
    }

    private static Map<String, Object> map(Object... headers) {
        Map<String, Object> all = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i].toString(), headers[i + 1]);
        }
        return all;
    }

    private Exchange change(String body, Object... headers) {
        return runner.change(body.getBytes(UTF_8), map(headers));
    }

    private Exchange delete(String key, long version) {
        return change(
                "",
                "CamelLedgerOperation",
                "delete",
                "CamelLedgerKey",
                key,
                "CamelLedgerVersion",
                String.valueOf(version));
    }

    private void marked(Exchange... changes) {
        runner.sendOk("direct:marked", List.of(changes), Map.of());
    }

    private Map<String, Object> player(String id) {
        return db.queryForMap("SELECT * FROM players WHERE id = ?", id);
    }

    private void sent(String body, Object... headers) {
        assertThat(send(body, headers).getException()).isNull();
    }

    private List<Map<String, Object>> rows() {
        return db.queryForList("SELECT * FROM scores ORDER BY id");
    }

    @ParameterizedTest
    @CsvSource({"nowhere, id, at, nowhere", "scores, nokey, at, nokey", "scores, id, noversion, noversion"})
    void aTableOrColumnThatIsNotThereStopsTheStart(String table, String key, String version, String missing)
            throws Exception {
        String route = """
                - route:
                    from:
                      uri: direct:wrong
                      steps:
                        - to:
                            uri: kamelet:sql-sink
                            parameters: { dataSource: target, table: %s, keyColumn: %s, versionColumn: %s }
                """;

        assertThatThrownBy(() -> runner.with(route.formatted(table, key, version), Map.of()))
                .rootCause()
                .hasMessageContaining(missing);
    }

    @Test
    void fieldsBecomeColumns() {
        sent(
                "{\"id\":\"a'; DROP TABLE scores;--\",\"at\":7,\"points\":9007199254740993,\"rate\":0.5,\"Who is\":\":?x ?\","
                        + "\"ok\":true,\"more\":{\"b\":[1]}}");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("id", "a'; DROP TABLE scores;--")
                .containsEntry("points", 9_007_199_254_740_993L)
                .containsEntry("rate", 0.5)
                .containsEntry("Who is", ":?x ?")
                .containsEntry("ok", 1)
                .containsEntry("more", "{\"b\":[1]}"));
    }

    @Test
    void anOlderVersionNeverReplacesANewerOneAndAnEqualOneDoes() {
        sent("{\"id\":\"a\",\"at\":10,\"points\":1}");
        sent("{\"id\":\"a\",\"at\":9,\"points\":2}");
        assertThat(rows()).singleElement().satisfies(row -> assertThat(row).containsEntry("points", 1));

        sent("{\"id\":\"a\",\"at\":10,\"points\":3}");
        sent("{\"id\":\"a\",\"at\":\"9\",\"points\":4}");
        assertThat(rows()).singleElement().satisfies(row -> assertThat(row).containsEntry("points", 3));
    }

    @Test
    void columnsThatAChangeDoesNotNameKeepTheirValues() {
        sent("{\"id\":\"a\",\"at\":1,\"points\":1,\"more\":\"x\"}");
        sent("{\"id\":\"a\",\"at\":2,\"points\":null}");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("points", null)
                .containsEntry("more", "x")
                .containsEntry("at", 2));
    }

    @Test
    void missingColumnsGetTheChangesKeyAndVersion() {
        sent("{\"points\":1}", "CamelLedgerKey", "k", "CamelLedgerVersion", "5");

        assertThat(rows())
                .singleElement()
                .satisfies(row -> assertThat(row).containsEntry("id", "k").containsEntry("at", 5));
    }

    @Test
    void aDeleteRemovesTheRowUnlessItIsNewer() {
        sent("{\"id\":\"a\",\"at\":10}");
        sent("", "CamelLedgerOperation", "delete", "CamelLedgerKey", "a", "CamelLedgerVersion", "9");
        assertThat(rows()).hasSize(1);

        sent("", "CamelLedgerOperation", "delete", "CamelLedgerKey", "a", "CamelLedgerVersion", "10");
        assertThat(rows()).isEmpty();
    }

    @Test
    void aDeleteTakesKeyAndVersionFromABodyThatHasThem() {
        sent("{\"id\":\"a\",\"at\":10}");
        sent("{\"id\":\"a\",\"at\":11}", "CamelLedgerOperation", "delete", "CamelLedgerKey", "shop/a");
        assertThat(rows()).isEmpty();
    }

    @Test
    void aMarkedRowStaysAndAnOlderChangeDoesNotRestoreIt() {
        marked(change("{\"id\":\"a\",\"at\":10,\"name\":\"x\"}"));
        assertThat(player("a")).containsEntry("gone", 0);
        marked(delete("a", 9));
        assertThat(player("a")).containsEntry("gone", 0).containsEntry("at", 10);

        marked(delete("a", 12));
        assertThat(player("a")).containsEntry("gone", 1).containsEntry("at", 12).containsEntry("name", "x");
        marked(change("{\"id\":\"a\",\"at\":11,\"name\":\"late\"}"));
        marked(change("{\"id\":\"a\",\"at\":12,\"name\":\"late\"}"));
        assertThat(player("a")).containsEntry("gone", 1).containsEntry("name", "x");

        marked(change("{\"id\":\"a\",\"at\":13,\"name\":\"y\"}"));
        assertThat(player("a")).containsEntry("gone", 0).containsEntry("name", "y");
    }

    @Test
    void afterADeleteOfAMissingRowOlderStatesAreIgnored() {
        marked(delete("a", 12), delete("b", 1));
        marked(change("{\"id\":\"a\",\"at\":11}"), change("{\"id\":\"b\",\"at\":2}"));

        assertThat(player("a")).containsEntry("gone", 1).containsEntry("at", 12);
        assertThat(player("b")).containsEntry("gone", 0).containsEntry("at", 2);
    }

    @Test
    void aBatchOfUpsertsAndDeletesIsWrittenAtOnce() {
        sent("{\"id\":\"a\",\"at\":1,\"points\":1}");
        sent("{\"id\":\"b\",\"at\":5,\"points\":1}");
        List<Exchange> batch = List.of(
                delete("a", 2),
                change("{\"id\":\"b\",\"at\":4,\"points\":2}"),
                change("{\"id\":\"c\",\"at\":1,\"points\":3}"),
                change("{\"at\":1,\"more\":\"other columns\"}", "CamelLedgerKey", "d"));

        Exchange result = runner.sendOk("direct:in", batch, Map.of());

        assertThat(result.getMessage().getBody()).isSameAs(batch);
        assertThat(rows()).extracting(row -> row.get("id")).containsExactly("b", "c", "d");
        assertThat(rows()).extracting(row -> row.get("points")).containsExactly(1, 3, null);
    }

    @Test
    void aBatchWithABadRowChangesNothing() {
        List<Exchange> good =
                List.of(change("{\"id\":\"a\",\"at\":1,\"points\":1}"), change("{\"id\":\"b\",\"at\":1,\"points\":1}"));
        for (String bad : List.of("{\"id\":\"c\",\"at\":1,\"nope\":1}", "[]")) {
            List<Exchange> batch = new ArrayList<>(good);
            batch.add(change(bad));
            assertThat(runner.send("direct:in", batch, Map.of()).getException()).isNotNull();
            assertThat(rows()).isEmpty();
        }

        runner.sendOk("direct:in", good, Map.of());
        assertThat(rows()).hasSize(2);
    }

    @Test
    void aPoolWithoutAFreeConnectionIsAnOutage() throws Exception {
        useOnly("", null);
        source.setConnectionTimeout(2_000); // a pool keeps the one that it starts with
        List<Exchange> batch = List.of(change("{\"id\":\"a\",\"at\":1}"), change("{\"id\":\"b\",\"at\":1}"));
        List<Connection> held = new ArrayList<>();
        for (int i = 0; i < source.getMaximumPoolSize(); i++) {
            held.add(source.getConnection());
        }
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());
        for (Object body : List.of(batch, "{\"id\":\"a\",\"at\":1}".getBytes(UTF_8))) {
            assertThat(outcomes.of(runner.send("direct:in", body, Map.of())))
                    .isInstanceOfSatisfying(Outcome.Unreachable.class, unreachable -> assertThat(unreachable.error())
                            .contains("Connection is not available"));
        }
        for (Connection connection : held) {
            connection.close();
        }
    }

    @Test
    void aLockedFileIsAnOutage() throws Exception {
        useOnly("?busy_timeout=0", null);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("target.db"));
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN EXCLUSIVE");

            assertOutage("{\"id\":\"a\",\"at\":1}", "SQLITE_BUSY");
        }
    }

    @Test
    void aFileThatCannotGrowIsAnOutage() throws Exception {
        useOnly("", "PRAGMA max_page_count = 8");

        assertOutage("{\"id\":\"a\",\"at\":1,\"more\":\"" + "x".repeat(100_000) + "\"}", "SQLITE_FULL");
    }

    @Test
    void aClosedPoolIsAnOutage() {
        source.close();
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

        assertThat(outcomes.of(send("{\"id\":\"a\",\"at\":1}"))).isInstanceOf(Outcome.Unreachable.class);
    }

    /** Replaces the sink's pool by one whose connections run this statement first. */
    private void useOnly(String urlOptions, String sql) throws Exception {
        runner.close();
        source.close();
        source = new HikariDataSource();
        source.setJdbcUrl("jdbc:sqlite:" + data.resolve("target.db") + urlOptions);
        source.setConnectionInitSql(sql);
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("target", source);
        runner.with(ROUTE, Map.of()).start();
    }

    /** As one change and as a batch. */
    private void assertOutage(String change, String reason) {
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());
        for (Object body : List.of(change.getBytes(UTF_8), List.of(change(change), change(change)))) {
            assertThat(outcomes.of(runner.send("direct:in", body, Map.of())))
                    .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                        assertThat(failed.error()).contains(reason);
                        assertThat(failed.outage()).isTrue();
                    });
        }
    }

    @Test
    void aValueThatNeverFitsIsRefusedWithAClearReason() {
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());
        Map.of(
                        "[1]", "not a JSON object",
                        "{\"id\":1}", "the column at",
                        "{\"at\":1}", "the column id",
                        "{\"id\":1,\"at\":1,\"a\\\"b\":1}", "cannot name a column",
                        "{", "Unexpected end")
                .forEach((body, reason) -> {
                    Exchange result = send(body);
                    assertThat(result.getException()).as(body).isNotNull();
                    assertThat(outcomes.of(result))
                            .as(body)
                            .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                                    .contains(reason));
                });
        assertThat(rows()).isEmpty();
    }

    @Test
    void anErrorOfTheDatabaseIsReported() {
        assertThat(send("{\"id\":1,\"at\":1,\"nope\":1}").getException())
                .rootCause()
                .hasMessageContaining("no column named nope");
    }

    @Test
    void aRowThatBreaksARuleOfTheTableIsRefusedAtOnce() {
        db.execute("CREATE TABLE strict (id TEXT PRIMARY KEY, at INTEGER NOT NULL CHECK (at > 0), n INTEGER) STRICT");
        db.execute("DROP TABLE scores");
        db.execute("ALTER TABLE strict RENAME TO scores");
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());
        Map.of(
                        "{\"id\":\"a\",\"at\":0}", "CHECK constraint failed",
                        "{\"id\":\"a\",\"at\":1,\"n\":\"many\"}", "cannot store TEXT value in INTEGER column",
                        "{\"id\":\"a\",\"at\":1,\"nope\":1}", "no column named nope")
                .forEach((body, reason) -> {
                    for (Object message : List.of(body.getBytes(UTF_8), List.of(change(body), change(body)))) {
                        assertThat(outcomes.of(runner.send("direct:in", message, Map.of())))
                                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                                        .contains(reason));
                    }
                });
    }

    @Test
    void decimalsKeepTheirDigits() {
        db.execute("ALTER TABLE scores ADD COLUMN price DECIMAL(16,2)");
        sent(
                "{\"id\":1,\"at\":1,\"more\":12345678901234.56,\"price\":12345678901234.56,\"rate\":0.1234567890123456789}");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("id", "1")
                .containsEntry("more", "12345678901234.56")
                .containsEntry("price", 12345678901234.56));
        assertThat(new OutcomeReader(Clock.systemUTC())
                        .of(send("{\"id\":1,\"at\":2,\"price\":12345678901234567890.12}")))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("the column price of type DECIMAL(16,2)", "SQLite would round"));
    }

    @Test
    void fieldsFindTheirColumnsInAnotherCaseAndBytesAreStored() {
        db.execute("ALTER TABLE scores ADD COLUMN bytes BLOB");
        sent("{\"ID\":\"a\",\"At\":1,\"Points\":5,\"bytes\":\"AQI=\"}");

        assertThat(rows())
                .singleElement()
                .satisfies(row -> assertThat(row).containsEntry("points", 5).containsEntry("bytes", new byte[] {1, 2}));
    }

    @Test
    void fieldsWithoutAColumnCanBeIgnored() throws Exception {
        runner.with(
                ROUTE.replace("direct:in", "direct:some")
                        .replace("direct:marked", "direct:others")
                        .replace("versionColumn: at", "versionColumn: at\n              onUnknownColumn: ignore"),
                Map.of());
        runner.sendOk(
                "direct:some",
                "{\"id\":\"a\",\"at\":1,\"nope\":{\"x\":1},\"no \\\"name\":1,\"points\":2}".getBytes(UTF_8),
                Map.of());

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row).containsEntry("points", 2));
        assertThatThrownBy(() -> new SqlSink("t", "id", null, null).setOnUnknownColumn("add"))
                .hasMessageContaining("onUnknownColumn is deadLetter or ignore");
    }

    @Test
    void invalidNamesFailTheStart() {
        assertThatThrownBy(() -> new SqlSink("a\"b", "id", null, null))
                .hasMessageContaining("table is not the name of a table or column");
        assertThatThrownBy(() -> new SqlSink("t", "", null, null))
                .hasMessageContaining("keyColumn is not the name of a table or column");
        assertThatThrownBy(() -> new SqlSink("t", "id", "v;", null))
                .hasMessageContaining("versionColumn is not the name of a table or column");
        assertThatThrownBy(() -> new SqlSink("t", "id", "v", "1"))
                .hasMessageContaining("deletedColumn is not the name of a table or column");
    }
}
