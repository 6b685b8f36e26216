package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.Patience;
import dev.serai.support.SeraiProcess;
import dev.serai.support.WriterEnding;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot run says why in one line, and ends with the exit code that tells a supervisor whose turn it is. */
class StartIT {
    private static final int CONFIGURATION = 2;
    private static final int LEDGER = 3;
    private static final int PORT = 4;
    private static final int WRITER_ENDED = 5;
    /** 128 and SIGKILL, as shells say it. */
    private static final int KILLED = 137;

    private static final String GOOD = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.key)}" } }
            """;

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
    Path folder;

    private Path routes;
    private Path data;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), GOOD);
        data = folder.resolve("data");
    }

    @Test
    void aSecondProcessOnTheSameDataIsTurnedAway() throws Exception {
        try (SeraiProcess first = SeraiProcess.run(folder, routes, anyPorts())) {
            assertThat(refused(LEDGER, anyPorts())).contains(data.toString());
            assertThat(first.terminate()).isZero();
        }
        try (SeraiProcess next = SeraiProcess.run(folder, routes, anyPorts())) {
            assertThat(next.terminate()).isZero();
        }
    }

    @Test
    void whatIsSavedWhileItRunsReplacesWhatRuns() throws Exception {
        try (SeraiProcess serai = SeraiProcess.run(folder, routes, anyPorts())) {
            replace("/hooks/orders", "/hooks/renamed");
            Awaitility.await().until(() -> serai.output().contains("reloaded " + routes + ": orders-in"));
            replace("webhook-source", "webhock-source");
            Awaitility.await().until(() -> serai.output().contains("webhock-source; its old routes continue to run"));
            assertThat(serai.terminate()).isZero();
        }
    }

    @Test
    void aNodeWhoseWriterEndedEndsWithItsOwnExitCode() throws Exception {
        Files.createDirectories(folder.resolve("components"));
        try (OutputStream file = Files.newOutputStream(folder.resolve("components/ending.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            for (Class<?> part : List.of(WriterEnding.class, WriterEnding.BrokenCircuit.class)) {
                String name = part.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(name));
                Files.copy(Path.of("target/test-classes").resolve(name), jar);
            }
        }
        Files.writeString(folder.resolve("ending.camel.yaml"), """
                - route:
                    id: ending
                    from:
                      uri: "timer:once?repeatCount=1&delay=0"
                      steps:
                        - bean: { beanType: dev.serai.support.WriterEnding }
                """);
        try (SeraiProcess serai = SeraiProcess.start(folder, run(folder.resolve("*.camel.yaml"), anyPorts()))) {
            assertThat(serai.exitCode()).as(serai.output()).isEqualTo(WRITER_ENDED);
            assertThat(serai.output()).contains("serai ready", WriterEnding.REASON);
        }
    }

    @Test
    void theLauncherKillsAJavaThatRanOutOfMemory() throws Exception {
        ProcessBuilder launcher = new ProcessBuilder(
                        "./serai", "check", "--routes", routes.toString(), "--data", data.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("launcher.log").toFile());
        launcher.environment().put("SERAI_JAVA_OPTS", "-Xmx12m");
        Process process = launcher.start();
        try {
            assertThat(process.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("launcher.log")))
                    .isEqualTo(KILLED);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(refused(PORT, Map.of("serai.http.port", port, "serai.admin.port", "0")))
                    .contains(port);
            assertThat(refused(PORT, Map.of("serai.http.port", "0", "serai.admin.port", port)))
                    .contains(port);
        }
    }

    @Test
    void aTruncatedLedgerIsRefusedAndLeftAsItIs() throws Exception {
        makeLedger();
        Path ledger = data.resolve("ledger.db");
        try (RandomAccessFile file = new RandomAccessFile(ledger.toFile(), "rw")) {
            file.setLength(file.length() / 2 + 100);
        }
        expectRefusedAndUntouched(ledger);
    }

    @Test
    void aLedgerFileThatIsNoneIsRefusedAndLeftAsItIs() throws Exception {
        Files.createDirectories(data);
        expectRefusedAndUntouched(Files.writeString(data.resolve("ledger.db"), "id,key\n1,a\n".repeat(1_000)));
    }

    @Test
    void aLedgerOfANewerProgramIsRefusedAndLeftAsItIs() throws Exception {
        makeLedger();
        Path ledger = data.resolve("ledger.db");
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
        assertThat(refused(CONFIGURATION, anyPorts())).contains("orders.camel.yaml:7");
    }

    @Test
    void aStepThatDoesNotExistIsNamedWithItsLine() throws Exception {
        replace("- to:", "- sendTo:");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .contains("orders.camel.yaml:7")
                .contains("sendTo");
    }

    @Test
    void aKameletsParameterThatCannotWorkIsNamedWhereItIsUsed() throws Exception {
        Files.writeString(routes, """
                - route:
                    from:
                      uri: kamelet:http-pull-source
                      parameters: { url: "http://127.0.0.1:1", records: ".", auth: alipay, appId: "1", privateKey: "file:none.pem" }
                      steps:
                        - to: { uri: "ledger:a", parameters: { batch: true, key: "${jq(.id)}" } }
                """);
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+: privateKey names a file that cannot be read: none.pem");
    }

    @Test
    void anUnknownKameletIsNamedWithFileAndLine() throws Exception {
        replace("webhook-source", "webhock-source");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("webhock-source");
    }

    @Test
    void aKameletsMissingParameterIsNamedWithFileAndLine() throws Exception {
        replace("path: /hooks/orders", "scheme: none");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("path");
    }

    @Test
    void aMissingPropertyIsNamedWithFileAndLine() throws Exception {
        replace("path: /hooks/orders", "path: \"{{orders.path}}\"");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("orders.path");
    }

    @Test
    void anUnknownOptionIsNamedWithFileAndLine() throws Exception {
        replace("key:", "kee:");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("kee");
    }

    @Test
    void aParameterThatTheKameletDoesNotHaveIsNamedWithFileAndLine() throws Exception {
        replace("path: /hooks/orders", "path: /hooks/orders, schem: hmac");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("webhook-source has no parameter schem", "scheme");
    }

    @Test
    void anOptionThatCannotHaveItsValueIsNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, OUT.replace("concurrency: 4", "concurrency: many"));
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("concurrency", "many");
    }

    @Test
    void aMissingTargetIsNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, OUT.replace("target: shop, ", ""));
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("target");
    }

    @Test
    void anUnknownComponentIsNamedWithFileAndLine() throws Exception {
        replace("ledger:orders", "ledgr:orders");
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("there is no component named ledgr");
    }

    @Test
    void twoRoutesOnOnePathAreNamedWithFileAndLine() throws Exception {
        Files.writeString(routes, GOOD + GOOD.replace("orders-in", "orders-too"));
        assertThat(refused(CONFIGURATION, anyPorts()))
                .containsPattern("orders\\.camel\\.yaml:\\d+")
                .contains("/hooks/orders");
    }

    @Test
    void anEmptyRouteFileIsNamed() throws Exception {
        Files.writeString(routes, "");
        assertThat(refused(CONFIGURATION, anyPorts())).contains(routes + ": is empty");
    }

    @Test
    void aDurationThatIsNoneIsNamed() throws Exception {
        assertThat(refused(
                        CONFIGURATION,
                        Map.of("serai.retention.dead", "soon", "serai.http.port", "0", "serai.admin.port", "0")))
                .contains("serai.retention.dead", "soon");
    }

    @Test
    void aDataFolderThatCannotBeWrittenIsNamed() throws Exception {
        Files.writeString(data, "a file is in the way");
        assertThat(refused(CONFIGURATION, anyPorts())).contains(data + " is a file", "--data");
    }

    @Test
    void routesThatMatchNothingAreNamed() throws Exception {
        Files.delete(routes);
        assertThat(refused(CONFIGURATION, anyPorts())).contains(routes.toString());
    }

    @Test
    void anImpossiblePortIsNamed() throws Exception {
        assertThat(refused(CONFIGURATION, Map.of("serai.http.port", "http", "serai.admin.port", "0")))
                .contains("serai.http.port");
    }

    private void replace(String what, String by) throws IOException {
        assertThat(GOOD).contains(what);
        Files.writeString(routes, GOOD.replace(what, by));
    }

    private void makeLedger() throws InterruptedException {
        try (SeraiProcess made = SeraiProcess.run(folder, routes, anyPorts())) {
            assertThat(made.terminate()).isZero();
        }
    }

    private void expectRefusedAndUntouched(Path ledger) throws Exception {
        byte[] before = Files.readAllBytes(ledger);
        assertThat(refused(LEDGER, anyPorts())).contains(ledger.toString());
        assertThat(Files.readAllBytes(ledger)).isEqualTo(before);
    }

    private static Map<String, String> anyPorts() {
        return Map.of("serai.http.port", "0", "serai.admin.port", "0");
    }

    private List<String> run(Path routeFiles, Map<String, String> properties) {
        List<String> arguments =
                new ArrayList<>(List.of("run", "--routes", routeFiles.toString(), "--data", data.toString()));
        properties.forEach((name, value) -> arguments.addAll(List.of("-p", name + "=" + value)));
        return arguments;
    }

    /** The one line that {@code run} ends with. */
    private String refused(int exitCode, Map<String, String> properties) throws InterruptedException {
        try (SeraiProcess serai = SeraiProcess.start(folder, run(routes, properties))) {
            int ended = serai.exitCode();
            String output = serai.output();
            assertThat(ended).as(output).isEqualTo(exitCode);
            assertThat(output.lines()).as(output).singleElement().asString().startsWith("serai: ");
            return output;
        }
    }
}
