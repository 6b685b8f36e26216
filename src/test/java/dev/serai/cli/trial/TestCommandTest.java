package dev.serai.cli.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class TestCommandTest {
    private static final String ROUTES = """
            - route:
                id: in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks, headers: X-Region }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}" } }
            - route:
                id: out
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - filter:
                        expression: { jq: { expression: '.total > 0' } }
                        steps:
                          - to:
                              uri: kamelet:http-sink
                              parameters: { url: "http://shop.example/orders", headers: "X-Region,X-Api-Key=test-only-key" }
            """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(Object command, List<String> arguments) throws Exception {
        Files.writeString(folder.resolve("orders.camel.yaml"), ROUTES);
        Files.writeString(folder.resolve("empty.properties"), "");
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(
                "--routes",
                folder.toString(),
                "--config",
                folder.resolve("empty.properties").toString(),
                "--data",
                folder.resolve("data").toString()));
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println("serai: " + e.getMessage());
                    return 2;
                })
                .execute(all.toArray(String[]::new));
    }

    private int test(String tests) throws Exception {
        Path file = Files.writeString(folder.resolve("orders.test.yaml"), tests);
        return execute(
                new TestCommand(new PrintWriter(out, true)),
                List.of(file.toString(), "--junit", folder.resolve("junit.xml").toString()));
    }

    private int tryOut(String body, String... arguments) throws Exception {
        return execute(
                new TryCommand(
                        new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), new PrintWriter(out, true)),
                List.of(arguments));
    }

    @Test
    void theShippedTestsPass() {
        int code = new CommandLine(new TestCommand(new PrintWriter(out, true)))
                .setErr(new PrintWriter(err, true))
                .execute("--data", folder.toString());

        assertThat(out.toString() + err).doesNotContain("FAIL").contains("all pass");
        assertThat(code).isZero();
    }

    @ParameterizedTest
    @CsvSource({"http-to-tcp, http-to-tcp.secret=any", "pull-to-sql, pull-to-sql.shop.url=http://shop.example"})
    void theTestsOfTheExamplesPass(String example, String property) {
        String file = "docs/examples/" + example;
        int code = new CommandLine(new TestCommand(new PrintWriter(out, true)))
                .setErr(new PrintWriter(err, true))
                .execute(
                        file + ".test.yaml",
                        "--routes",
                        file + ".camel.yaml",
                        "-p",
                        property,
                        "--data",
                        folder.toString());

        assertThat(out.toString() + err).contains("all pass");
        assertThat(code).isZero();
    }

    @Test
    void aTestThatFailsSaysWhereItDiffers() throws Exception {
        int code = test("""
                tests:
                  - name: as it is
                    flow: orders
                    given: { headers: { X-Region: eu }, body: { id: A-1, total: 1.0 } }
                    change: { key: A-1, headers: { X-Region: eu } }
                    requests:
                      - { target: shop, method: POST, url: "http://shop.example/orders", headers: { x-region: eu }, body: { id: A-1, total: 1 } }
                  - name: as it is not
                    flow: orders
                    given: { headers: { X-Region: eu }, body: { id: A-1, total: 1, items: [ 1, 2 ] } }
                    change: { key: A-2 }
                    request: { method: PUT, headers: { X-Region: us }, body: { id: A-1, total: 2, items: [ 1 ], more: x } }
                  - name: kept back
                    flow: orders
                    given: { body: { id: A-1, total: 0 } }
                    filtered: true
                    change: { key: A-1 }
                  - name: not kept back
                    flow: orders
                    given: { body: { id: A-1, total: 1 } }
                    filtered: true
                  - name: refused
                    flow: orders
                    given: { body: { total: 1 } }
                    refused: 422
                    error: no key
                  - name: not refused
                    route: in
                    given: { body: { id: A-1, total: 0 } }
                    refused: 422
                """);

        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines().map(String::strip).map(line -> line.replaceAll("  \\(.*", "")))
                .containsExactly(
                        "ok    as it is",
                        "FAIL  as it is not",
                        "change.key: expected \"A-2\", got \"A-1\"",
                        "request.method: expected \"PUT\", got \"POST\"",
                        "request.headers.X-Region: expected \"us\", got \"eu\"",
                        "request.body.items[1]: not expected, got 2",
                        "request.body.more: expected \"x\", got nothing",
                        "request.body.total: expected 2, got 1",
                        "ok    kept back",
                        "FAIL  not kept back",
                        "filtered: expected nothing to be sent, got 1 request, the first to orders/shop",
                        "ok    refused",
                        "FAIL  not refused",
                        "refused: expected 422, got 1 change",
                        "6 tests, 3 failed");
        assertThat(Files.readString(folder.resolve("junit.xml")))
                .contains("tests=\"6\" failures=\"3\"", "<failure message=\"change.key: expected");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "flow: order | 2 | there is no flow order, perhaps orders is meant; flows: orders",
                "route: inn | 2 | there is no route with the id inn, perhaps in is meant; ids: in, out",
                "target: orders/shops | 2 | there is no target orders/shops, perhaps orders/shop is meant; targets: orders/shop",
                "flows: orders | 3 | a test has no field flows, perhaps flow is meant",
                "flow: [orders] | 3 | flow has to be a text",
                "flow: {a: b | 3 | the { that begins here is not closed"
            })
    void aMistakeIsToldWithItsLineAndTheNearestName(String subject, int line, String reason) throws Exception {
        int code = test("""
                tests:
                  - name: one
                    SUBJECT
                    given: { body: { id: A-1, total: 1 } }
                    change: { key: A-1 }
                """.replace("SUBJECT", subject));

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("orders.test.yaml:" + line + ": " + reason);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void allMistakesOfAFileAreToldAtOnce() throws Exception {
        int code = test("""
                clock: noon
                tests:
                  - flow: orders
                    given: { bodyFile: none.json }
                    refused: often
                  - name: two
                    flow: orders
                    route: in
                  - name: three
                    flow: orders
                    given: { body: 1, heders: {} }
                    changes: { key: 1 }
                  - name: four
                    flow: orders
                    given: { body: 1 }
                  - five
                """);

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains("test.yaml:1: clock has to be a time such as 2026-01-01T00:00:00Z, not noon")
                .contains("test.yaml:3: the test has no name")
                .contains("test.yaml:4: the file none.json cannot be read")
                .contains("test.yaml:5: refused has to be the status")
                .contains("test.yaml:6: the test has to name one of flow, route and target, and has several of them")
                .contains("test.yaml:11: given has no field heders, perhaps headers is meant")
                .contains("test.yaml:12: changes has to be a list")
                .contains("test.yaml:13: the test expects nothing")
                .contains("test.yaml:16: a test has to be NAME: VALUE");
        for (String text : List.of("", "# nothing", "- name: x", "tests: 1", "tests:\n\t- name: x", "a: 1\na: 2")) {
            err.getBuffer().setLength(0);
            assertThat(test(text)).isEqualTo(2);
            assertThat(err.toString()).as(text).contains("orders.test.yaml").doesNotContain("Exception");
        }
    }

    @Test
    void aTrialPrintsWhatEachStepMakesOfTheMessage() throws Exception {
        assertThat(tryOut("{\"id\":\"A-1\",\"total\":1}", "orders", "--header", "X-Region: eu"))
                .isZero();
        assertThat(out.toString())
                .contains(
                        "route in at ", "orders.camel.yaml:7  to  ledger:orders?key=${jq(.id)}", "recorded, not stored")
                .contains("change in the flow orders", "key A-1  id trial-1  version -  upsert", "X-Region: eu")
                .contains("ends with 1 change and 0 requests");

        out.getBuffer().setLength(0);
        assertThat(tryOut("{\"id\":\"A-1\",\"total\":1}", "orders/shop", "--header", "CamelLedgerKey:A-1"))
                .isZero();
        assertThat(out.toString())
                .contains("request POST http://shop.example/orders", "Serai-Key: A-1", "X-Api-Key: ***")
                .doesNotContain("test-only-key");
    }

    @Test
    void aTrialTellsWhereAndWhyItStops() throws Exception {
        assertThat(tryOut("{\"total\":1}", "in")).isEqualTo(1);
        assertThat(out.toString()).contains("stops at ", "orders.camel.yaml:7: the change has no key", "answered 422");

        out.getBuffer().setLength(0);
        assertThat(tryOut("{\"total\":0}", "orders/shop", "--json")).isZero();
        JsonNode json = new JsonMapper().readTree(out.toString());
        assertThat(json.path("filtered").asBoolean()).isTrue();
        assertThat(json.path("steps").path(0).path("note").asText()).startsWith("does not match");

        assertThat(tryOut("", "order")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no route, flow or target order, perhaps orders is meant");
    }
}
