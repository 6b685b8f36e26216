package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuaranteeTableTest {
    private static final String SOURCE = """
            - route:
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - STEP
            """;

    private static final String KEEP = "to: { uri: \"ledger:orders\", parameters: { key: \"a\" } }";

    private static final String TARGET = """
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - STEP
            """;

    private static final String SEND =
            "to: { uri: \"kamelet:http-sink\", parameters: { url: \"http://localhost:1/x\" } }";

    @TempDir
    private Path folder;

    @Test
    void eachFlowNamesItsSourcesWithFileAndLine() throws Exception {
        assertThat(lines(SOURCE.replace("STEP", KEEP)))
                .anyMatch(line -> line.matches(" *source +webhook-source at .*routes\\.camel\\.yaml:\\d+"))
                .noneMatch(line -> line.contains("left out"));
    }

    @Test
    void aSourceFromWhichNoWayLeadsToTheLedgerIsNamed() throws Exception {
        assertThat(lines(SOURCE.replace("STEP", "log: \"${body}\"")))
                .anyMatch(line -> line.startsWith("not kept here:"))
                .anyMatch(line -> line.matches(" +webhook-source at .*routes\\.camel\\.yaml:\\d+"));
    }

    @Test
    void whatMayKeepAMessageFromTheLedgerIsNamed() throws Exception {
        for (String step : List.of(
                "filter: { simple: \"${body} == 1\", steps: [ { KEEP } ] }",
                "choice: { when: [ { simple: \"${body} == 1\", steps: [ { KEEP } ] } ] }",
                "choice: { when: [ { simple: \"${body} == 1\", steps: [ { KEEP } ] } ], otherwise: { steps: [ { log: other } ] } }",
                "idempotentConsumer: { simple: \"${body}\", idempotentRepository: \"#seen\", steps: [ { KEEP } ] }",
                "choice: { when: [ { simple: \"${body} == 1\", steps: [ { stop: {} } ] } ] }\n        - KEEP",
                "sample: { samplePeriod: \"1000\" }\n        - KEEP")) {
            String routes =
                    "- beans: [ { name: seen, type: \"org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository\" } ]\n"
                            + SOURCE.replace("STEP", step.replace("KEEP", KEEP));

            assertThat(lines(routes))
                    .as(step)
                    .anyMatch(line -> line.matches(
                            " +left out +(filter|choice|idempotentConsumer|stop|sample) at .*:\\d+: .* not stored"));
        }
    }

    @Test
    void aChoiceThatKeepsInEachBranchKeepsNothingBack() throws Exception {
        String choice =
                "choice: { when: [ { simple: \"${body} == 1\", steps: [ { KEEP } ] } ], otherwise: { steps: [ { KEEP } ] } }";

        assertThat(lines(SOURCE.replace("STEP", choice.replace("KEEP", KEEP))))
                .noneMatch(line -> line.contains("left out"));
    }

    @Test
    void whatMayKeepAChangeFromTheTargetIsNamed() throws Exception {
        String filter = "filter: { simple: \"${body} == 1\", steps: [ { SEND } ] }".replace("SEND", SEND);

        assertThat(lines(TARGET.replace("STEP", filter)))
                .anyMatch(line -> line.matches(
                        " +left out +filter at .*:\\d+: what it keeps back is not sent, and ends as filtered"));
        assertThat(lines(TARGET.replace("STEP", SEND))).noneMatch(line -> line.contains("left out"));
    }

    @Test
    void eachTargetSaysHowItTellsRepeatsApart() throws Exception {
        assertThat(lines(TARGET.replace("STEP", SEND))).anyMatch(line -> line.contains("Idempotency-Key"));
        assertThat(lines(TARGET.replace("STEP", "to: { uri: \"http://localhost:1/x\" }")))
                .anyMatch(line -> line.contains("repeats    not known of http:"));
        String mapped = "setBody: { jq: \"{from: .a, to: .b}\" }\n        - " + SEND;
        assertThat(lines(TARGET.replace("STEP", mapped)))
                .anyMatch(line -> line.contains("repeats    each request"))
                .noneMatch(line -> line.contains("not known"));
    }

    @Test
    void aPullSaysWhatItCannotSee() throws Exception {
        String pull = """
                - route:
                    from:
                      uri: kamelet:http-pull-source
                      parameters: { url: "http://localhost:1/orders", records: ".items" }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}" } }
                """;

        assertThat(lines(pull)).anyMatch(line -> line.matches(" +unseen +records that are removed.*"));
    }

    @Test
    void aCheckOpensNoDatabaseAndMakesNoFolder() throws Exception {
        Path outside = folder.resolve("outside");
        String in = outside.resolve("in").toString();
        String out = outside.resolve("out").toString();
        String routes = """
                - route:
                    from:
                      uri: kamelet:sql-pull-source
                      parameters: { dataSource: shop, table: orders, cursorColumn: at, idColumn: id }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}" } }
                - route:
                    from:
                      uri: kamelet:file-source
                      parameters: { directory: "IN", format: jsonl }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}" } }
                - route:
                    from:
                      uri: ledger:orders
                      parameters: { target: shop }
                      steps:
                        - to: { uri: "kamelet:sql-sink", parameters: { dataSource: shop, table: orders, keyColumn: id } }
                        - to: { uri: "kamelet:file-sink", parameters: { directory: "OUT" } }
                """.replace("IN", in).replace("OUT", out);

        new CheckedRoutes(folder)
                .lines(
                        routes,
                        Map.of(
                                "camel.beans.shop", "#class:com.zaxxer.hikari.HikariDataSource",
                                "camel.beans.shop.jdbcUrl", "jdbc:sqlite:" + folder.resolve("shop.db"),
                                "camel.beans.shop.connectionInitSql",
                                        "CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, at TEXT)"));

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("routes.camel.yaml"));
        }
    }

    private List<String> lines(String routes) throws Exception {
        return new CheckedRoutes(folder).lines(routes);
    }
}
