package dev.serai.camel.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** Deletes from a source through the ledger to targets. */
class DeletesTest {
    private static final String TARGETS = """
            - route:
                from:
                  uri: ledger:games
                  parameters: { target: sql, redeliveryDelay: 50ms }
                  steps:
                    - to:
                        uri: kamelet:sql-sink
                        parameters: { dataSource: target, table: games, keyColumn: id, versionColumn: at, deletedColumn: gone }
            - route:
                from:
                  uri: ledger:games
                  parameters: { target: http, redeliveryDelay: 50ms }
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters: { url: "{{remote}}/games/{key}", method: PUT, deleteMethod: DELETE }
            """;

    @TempDir
    private Path data;

    private KameletRunner runner;
    private HikariDataSource source;
    private JdbcTemplate db;
    private volatile String items = "";
    private final RemoteSide remote =
            new RemoteSide(asked -> Answer.json(asked.method().equals("GET") ? "{\"items\":[" + items + "]}" : ""));

    @BeforeEach
    void prepare() {
        source = new HikariDataSource();
        source.setJdbcUrl("jdbc:sqlite:" + data.resolve("target.db") + "?busy_timeout=5000");
        db = new JdbcTemplate(source);
        db.execute("CREATE TABLE games (id TEXT PRIMARY KEY, at INTEGER, name TEXT, removed BOOLEAN, gone BOOLEAN)");
        runner = KameletRunner.listening(() -> data);
        runner.context.getRegistry().bind("target", source);
    }

    @AfterEach
    void stop() {
        runner.close();
        source.close();
        remote.close();
    }

    private String rows() {
        return String.valueOf(db.queryForList(
                "SELECT group_concat(id || at || coalesce(name, '-') || gone, ' ') FROM (SELECT * FROM games ORDER BY id)",
                String.class));
    }

    private void awaitTargets(String rows, String... requests) {
        await().untilAsserted(() -> assertThat(rows()).isEqualTo("[" + rows + "]"));
        await().untilAsserted(() -> assertThat(remote.asked.stream()
                        .filter(asked -> !asked.method().equals("GET"))
                        .map(DeletesTest::inShort))
                .containsExactlyInAnyOrder(requests));
    }

    private static String inShort(Asked asked) {
        return asked.method() + " " + asked.path() + " " + asked.headers().get("serai-operation") + " "
                + new String(asked.body(), UTF_8);
    }

    @Test
    void aTombstoneThatIsPushedHasNoBodyAndReachesEveryTarget() throws Exception {
        runner.with(TARGETS + """
                - route:
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/games }
                      steps:
                        - to:
                            uri: ledger:games
                            parameters:
                              key: "${header.X-Key}"
                              version: "${header.X-Version}"
                              operation: "${header.X-Operation}"
                """, Map.of("remote", remote.url(""))).start();

        assertThat(push("1", "upsert", "{\"name\":\"chess\"}")).isEqualTo(202);
        assertThat(push("2", "delete", "")).isEqualTo(202);
        assertThat(push("3", "remove", "")).isEqualTo(422);

        awaitTargets("g/12chess1", "PUT /games/g%2F1 upsert {\"name\":\"chess\"}", "DELETE /games/g%2F1 delete ");
    }

    private int push(String version, String operation, String body) throws Exception {
        return runner.post(
                        "/hooks/games",
                        body.getBytes(UTF_8),
                        Map.of("X-Key", "g/1", "X-Version", version, "X-Operation", operation))
                .statusCode();
    }

    private void pull(String steps) throws Exception {
        items = "{\"id\":\"a\",\"at\":1,\"name\":\"chess\",\"removed\":false},{\"id\":\"b\",\"at\":2,\"removed\":true}";
        runner.with(TARGETS + """
                - route:
                    id: pull
                    from:
                      uri: kamelet:http-pull-source
                      parameters: { interval: 100ms, url: "{{remote}}/games", records: .items, cursor: .at }
                      steps:
                """ + steps.indent(8), Map.of("remote", remote.url("")))
                .start();
    }

    private static final String UPSERT_OF_A =
            "PUT /games/a upsert {\"id\":\"a\",\"at\":1,\"name\":\"chess\",\"removed\":false}";

    @Test
    void pulledRecordsThatAreMarkedAsRemovedAreDeletes() throws Exception {
        pull("""
                - to:
                    uri: ledger:games
                    parameters:
                      batch: true
                      key: "${jq(.id)}"
                      version: "${jq(.at)}"
                      operation: '${jq(if .removed then "delete" else "upsert" end)}'
                """);

        awaitTargets("a1chess0 b2-1", UPSERT_OF_A, "DELETE /games/b delete ");
    }

    @Test
    void aPulledTombstoneCanBeEmptied() throws Exception {
        pull("""
                - split:
                    expression: { simple: { expression: "${body}" } }
                    steps:
                      - setProperty: { name: key, expression: { jq: { expression: .id } } }
                      - setProperty: { name: version, expression: { jq: { expression: .at } } }
                      - setProperty: { name: operation, expression: { jq: { expression: 'if .removed then "delete" else "upsert" end' } } }
                      - filter:
                          expression: { simple: { expression: "${exchangeProperty.operation} == 'delete'" } }
                          steps:
                            - setBody: { expression: { constant: { expression: "" } } }
                      - to:
                          uri: ledger:games
                          parameters:
                            key: "${exchangeProperty.key}"
                            version: "${exchangeProperty.version}"
                            operation: "${exchangeProperty.operation}"
                """);

        awaitTargets("a1chess0 b2-1", UPSERT_OF_A, "DELETE /games/b delete ");
    }
}
