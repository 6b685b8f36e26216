package dev.serai.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.ledger.Outcome;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

class SqlSinkTest {
    private static final String ROUTE = """
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
            """;

    @TempDir
    private Path data;

    private KameletRunner runner;
    private HikariDataSource source;
    private JdbcTemplate db;

    @BeforeEach
    void start() throws Exception {
        source = new HikariDataSource();
        source.setJdbcUrl("jdbc:sqlite:" + data.resolve("target.db") + "?busy_timeout=5000");
        db = new JdbcTemplate(source);
        db.execute("CREATE TABLE scores (id TEXT PRIMARY KEY, at INTEGER, points INTEGER, rate REAL, \"Who is\" TEXT,"
                + " ok BOOLEAN, more TEXT)");
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("target", source);
        runner.with(ROUTE, Map.of()).start();
    }

    @AfterEach
    void stop() {
        runner.close();
        source.close();
    }

    private Exchange send(String body, Object... headers) {
        Map<String, Object> all = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i].toString(), headers[i + 1]);
        }
        return runner.send("direct:in", body.getBytes(UTF_8), all);
    }

    private void sent(String body, Object... headers) {
        assertThat(send(body, headers).getException()).isNull();
    }

    private List<Map<String, Object>> rows() {
        return db.queryForList("SELECT * FROM scores ORDER BY id");
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
    void keyAndVersionOfTheChangeStandInForMissingColumns() {
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
    void whatCanNeverFitIsRefusedWithAClearReason() {
        Outcomes outcomes = new Outcomes(Clock.systemUTC());
        Map.of(
                        "[1]", "no JSON object",
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
    void anErrorOfTheDatabaseIsTold() {
        assertThat(send("{\"id\":1,\"at\":1,\"nope\":1}").getException())
                .rootCause()
                .hasMessageContaining("no column named nope");
    }

    @Test
    void namesThatAreNoNamesStopTheStart() {
        assertThatThrownBy(() -> new SqlUpsert("a\"b", "id", null)).hasMessageContaining("table is no name");
        assertThatThrownBy(() -> new SqlUpsert("t", "", null)).hasMessageContaining("keyColumn is no name");
        assertThatThrownBy(() -> new SqlUpsert("t", "id", "v;")).hasMessageContaining("versionColumn is no name");
    }
}
