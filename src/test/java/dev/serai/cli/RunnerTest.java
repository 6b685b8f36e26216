package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.node.RunOptions;
import dev.serai.store.JdbcStore;
import dev.serai.support.CapturedLog;
import dev.serai.support.OrderRoutes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that cannot start says why in one line, and ends with the exit code that tells a supervisor what to repair. */
class RunnerTest {
    private static final int CONFIGURATION = 2;
    private static final int LEDGER = 3;
    private static final int PORT = 4;

    private static final String OUT = """
            - route:
                id: orders-out
                from:
                  uri: ledger:orders
                  parameters: { target: shop, concurrency: 4 }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "http://127.0.0.1:1" } }
            """;

    @TempDir
    private Path folder;

    private Path routes;
    private Path data;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.IN);
        data = folder.resolve("data");
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(refused(PORT, Map.of("serai.http.port", port))).contains(port);
            assertThat(refused(PORT, Map.of("serai.admin.port", port))).contains(port);
        }
    }

    @Test
    void aCertificateThatCannotBeReadIsNamedWithItsProperty() throws Exception {
        String missing = folder.resolve("none.pem").toString();
        Map<String, String> named = Map.of("serai.http.tls.certificate", missing, "serai.http.tls.key", missing);

        assertThat(refused(CONFIGURATION, named)).contains("serai.http.tls.certificate: the file ");
        assertThat(refused(CONFIGURATION, Map.of("serai.http.trustedProxies", "proxy.example")))
                .contains("serai.http.trustedProxies: \"proxy.example\" is not an address or a network");
    }

    @Test
    void aSettingOfTracesThatIsWrongIsNamed() throws Exception {
        assertThat(refused(CONFIGURATION, Map.of("serai.traces", "jaeger")))
                .contains("serai.traces must be none or otlp, not \"jaeger\"");
        assertThat(refused(CONFIGURATION, Map.of("serai.traces", "otlp", "otel.traces.sampler", "some")))
                .contains("serai.traces is otlp, but OpenTelemetry refuses its settings", "otel.traces.sampler");
    }

    /** Camel takes it for zero: nothing would be kept, or tried again at once. */
    @Test
    void aDurationWithAnUnknownUnitIsNamed() throws Exception {
        assertThat(refused(CONFIGURATION, Map.of("serai.retention.settled", "5M")))
                .contains("serai.retention.settled must be a duration such as 30s, 5m or 7d, not \"5M\"");
        Files.writeString(routes, OUT.replace("concurrency: 4", "redeliveryDelay: 5M"));
        assertThat(refused(CONFIGURATION, Map.of()))
                .contains("orders.camel.yaml:5: redeliveryDelay must be a duration")
                .contains("write 5m");
    }

    @Test
    void aTruncatedLedgerIsRefusedAndLeftAsItIs() throws Exception {
        Path ledger = makeLedger();
        try (RandomAccessFile file = new RandomAccessFile(ledger.toFile(), "rw")) {
            file.setLength(file.length() / 2 + 100);
        }
        expectRefusedAndUntouched(ledger);
    }

    @Test
    void aFileThatIsNotALedgerIsRefusedAndLeftAsItIs() throws Exception {
        Files.createDirectories(data);
        expectRefusedAndUntouched(Files.writeString(data.resolve("ledger.db"), "id,key\n1,a\n".repeat(1_000)));
    }

    @Test
    void aLedgerOfANewerProgramIsRefusedAndLeftAsItIs() throws Exception {
        Path ledger = makeLedger();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO migration (version) VALUES (999)");
        }
        expectRefusedAndUntouched(ledger);
    }

    @Test
    void aBrokenRouteFileIsNamedWithItsLine() throws Exception {
        Files.writeString(routes, """
                - route:
                    id: broken
                    from:
                      uri: direct:a
                      steps:
                        - to: [direct:b
                """);
        assertThat(refused(CONFIGURATION, Map.of())).contains("orders.camel.yaml:6");
    }

    @Test
    void aStepThatDoesNotExistIsNamedWithItsLine() throws Exception {
        replace("- to:", "- sendTo:");
        assertThat(refused(CONFIGURATION, Map.of()))
                .contains("orders.camel.yaml:7")
                .contains("sendTo");
    }

    @Test
    void aParameterThatTheKameletCannotUseIsNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, """
                - route:
                    from:
                      uri: kamelet:http-pull-source
                      parameters: { url: "http://127.0.0.1:1", records: ".", auth: alipay, appId: "1", privateKey: "file:none.pem" }
                      steps:
                        - to: { uri: "ledger:a", parameters: { batch: true, key: "${jq(.id)}" } }
                """);
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+: privateKey names a file that cannot be read: none.pem");
    }

    @Test
    void anUnknownKameletIsNamedWithFileAndLine() throws Exception {
        replace("webhook-source", "webhock-source");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("webhock-source");
    }

    @Test
    void aKameletsMissingParameterIsNamedWithFileAndLine() throws Exception {
        replace("path: /hooks/orders", "scheme: none");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("path");
    }

    @Test
    void aMissingPropertyIsNamedWithoutTheSecretThatStandsBesideIt() throws Exception {
        replace("path: /hooks/orders", "path: /hooks/orders, secret: \"hunter2 {{orders.secret.end}}\"");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("orders.secret.end")
                .doesNotContain("hunter2");
    }

    @Test
    void aTimeoutThatTheKameletDoesNotHaveIsRefused() throws Exception {
        replace("path: /hooks/orders", "path: /hooks/orders, timeout: 5s");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("webhook-source has no parameter timeout");
    }

    @Test
    void aFileThatIsTooLargeForRoutesIsNamed() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(routes.toFile(), "rw")) {
            file.setLength(200L << 20); // sparse
        }
        assertThat(refused(CONFIGURATION, Map.of())).contains("orders.camel.yaml: is larger than 4 MiB");
    }

    @Test
    void aMissingPropertyIsNamedWithFileAndLine() throws Exception {
        replace("path: /hooks/orders", "path: \"{{orders.path}}\"");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("orders.path");
    }

    @Test
    void anUnknownOptionIsNamedWithFileAndLine() throws Exception {
        replace("key:", "kee:");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("kee");
    }

    @Test
    void aParameterThatTheKameletDoesNotHaveIsNamedWithFileAndLine() throws Exception {
        replace("path: /hooks/orders", "path: /hooks/orders, schem: hmac");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("webhook-source has no parameter schem, perhaps scheme is meant");
    }

    @Test
    void routesAreRefusedBeforeAPortIsOpened() throws Exception {
        replace("path:", "pfad: 1, path:");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(refused(CONFIGURATION, Map.of("serai.http.port", port))).contains("pfad");
        }
    }

    @Test
    void anOptionThatCannotHaveItsValueIsNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, OUT.replace("concurrency: 4", "concurrency: many"));
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("concurrency", "many");
    }

    @Test
    void aMissingTargetIsNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, OUT.replace("target: shop, ", ""));
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("target");
    }

    @Test
    void anUnknownComponentIsNamedWithFileAndLine() throws Exception {
        replace("ledger:orders", "ledgr:orders");
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("there is no component named ledgr");
    }

    @Test
    void twoRoutesOnOnePathAreNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, OrderRoutes.IN + OrderRoutes.IN.replace("orders-in", "orders-too"));
        assertThat(refused(CONFIGURATION, Map.of()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("/hooks/orders");
    }

    @Test
    void anEmptyRouteFileIsNamed() throws Exception {
        Files.writeString(routes, "");
        assertThat(refused(CONFIGURATION, Map.of())).contains(routes + ": is empty");
    }

    @Test
    void aStartTellsAllMistakesOfAllFiles() throws Exception {
        replace("webhook-source", "webhock-source");
        Files.writeString(
                folder.resolve("shop.camel.yaml"), OUT.replace("concurrency: 4", "concurrency: many, oder: none"));
        Files.writeString(folder.resolve("empty.camel.yaml"), "# to be done\n");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        RunOptions options = new RunOptions(
                List.of(folder.toString()),
                List.of(),
                null,
                data,
                Map.of("serai.http.port", "0", "serai.admin.port", "0"));

        assertThat(new Runner(stream, stream).run(options)).isEqualTo(CONFIGURATION);

        assertThat(said.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("empty.camel.yaml: has only comments"),
                        line -> assertThat(line)
                                .contains("orders.camel.yaml:4: there is no Kamelet named webhock-source"),
                        line -> assertThat(line).contains("shop.camel.yaml:5: concurrency must be a whole number"),
                        line -> assertThat(line)
                                .contains("shop.camel.yaml:5: ledger: has no parameter oder, perhaps order"));
    }

    @Test
    void aValueThatIsNotADurationIsNamed() throws Exception {
        assertThat(refused(CONFIGURATION, Map.of("serai.retention.dead", "soon")))
                .contains("serai.retention.dead", "soon");
    }

    @Test
    void aFormatOfTheLogThatDoesNotExistIsNamed() throws Exception {
        assertThat(refused(CONFIGURATION, Map.of("serai.log.format", "xml")))
                .contains("serai.log.format must be text or json, not \"xml\"");
    }

    @Test
    void aDataFolderThatCannotBeWrittenIsNamed() throws Exception {
        Files.writeString(data, "a file is in the way");
        assertThat(refused(CONFIGURATION, Map.of())).contains(data + " is a file", "--data");
    }

    @Test
    void routesThatMatchNothingAreNamed() throws Exception {
        Files.delete(routes);
        assertThat(refused(CONFIGURATION, Map.of())).contains(routes.toString());
    }

    @Test
    void anImpossiblePortIsNamed() throws Exception {
        assertThat(refused(CONFIGURATION, Map.of("serai.http.port", "http"))).contains("serai.http.port");
    }

    private void replace(String what, String by) throws IOException {
        assertThat(OrderRoutes.IN).contains(what);
        Files.writeString(routes, OrderRoutes.IN.replace(what, by));
    }

    private Path makeLedger() throws IOException {
        Path ledger = Files.createDirectories(data).resolve("ledger.db");
        JdbcStore.open(ledger).close();
        return ledger;
    }

    private void expectRefusedAndUntouched(Path ledger) throws Exception {
        byte[] before = Files.readAllBytes(ledger);
        assertThat(refused(LEDGER, Map.of())).contains(ledger.toString());
        assertThat(Files.readAllBytes(ledger)).isEqualTo(before);
    }

    /** The only line that {@code run} ends with: on its streams, and nothing in the log. */
    private String refused(int exitCode, Map<String, String> properties) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        Map<String, String> all = new HashMap<>(Map.of("serai.http.port", "0", "serai.admin.port", "0"));
        all.putAll(properties);
        RunOptions options = new RunOptions(List.of(routes.toString()), List.of(), null, data, all);
        try (CapturedLog log = new CapturedLog()) {
            int ended = new Runner(stream, stream).run(options);
            String output = said.toString(StandardCharsets.UTF_8);
            assertThat(ended).as(output).isEqualTo(exitCode);
            assertThat(output.lines()).as(output).singleElement().asString().startsWith("serai: ");
            assertThat(log.lines()).isEmpty();
            return output;
        }
    }
}
