package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.OrderRoutes;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.SeraiProcess;
import dev.serai.support.WriterEnding;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the process ends: by a signal, or with an exit code and the reason in one line. {@code RunnerTest} has all reasons. */
class StartIT {
    private static final int CONFIGURATION = 2;
    private static final int LEDGER = 3;
    private static final int WRITER_ENDED = 5;
    /** 128 + SIGKILL, as in shells. */
    private static final int KILLED = 137;

    @TempDir
    Path folder;

    private Path routes;
    private Path data;

    @BeforeEach
    void writeRoutes() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.IN);
        data = folder.resolve("data");
    }

    @Test
    void aSecondProcessOnTheSameDataIsTurnedAway() throws Exception {
        try (SeraiProcess first = SeraiProcess.run(folder, routes, Map.of())) {
            assertThat(refused(LEDGER)).contains(data.toString());
            assertThat(first.terminate()).isZero();
        }
    }

    @Test
    void theLastSpansReachTheCollectorBeforeANodeEndsAndWithoutTracesNothingOfThemIsLoaded() throws Exception {
        Path classes = folder.resolve("classes.log");
        Map<String, String> logged = Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + classes);
        try (SeraiProcess without = SeraiProcess.run(folder, routes, Map.of(), logged)) {
            order(without);
            assertThat(without.terminate()).isZero();
        }
        assertThat(Files.readString(classes)).contains("dev.serai.node.Node ").doesNotContain("io.opentelemetry.");

        try (RemoteSide collector = new RemoteSide(asked -> new RemoteSide.Answer(200, Map.of(), ""));
                SeraiProcess traced = SeraiProcess.run(
                        folder,
                        routes,
                        Map.of("serai.traces", "otlp", "otel.bsp.schedule.delay", "600000"),
                        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url("")))) {
            order(traced);
            assertThat(traced.terminate()).isZero();
            assertThat(collector.asked).singleElement().satisfies(export -> assertThat(
                            new String(export.body(), StandardCharsets.ISO_8859_1))
                    .contains("POST /hooks/orders", "ledger accept orders"));
        }
    }

    private static void order(SeraiProcess serai) throws Exception {
        HttpRequest order = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hooks/orders"))
                .timeout(Patience.MAX)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"e1\",\"key\":\"A-1\"}"))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(order, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(202);
    }

    @Test
    void whatIsSavedWhileItRunsReplacesWhatRuns() throws Exception {
        try (SeraiProcess serai = SeraiProcess.run(folder, routes, Map.of())) {
            replace("/hooks/orders", "/hooks/renamed");
            Awaitility.await().until(() -> serai.output().contains("reloaded " + routes + ": orders-in"));
            replace("webhook-source", "webhock-source");
            Awaitility.await().until(() -> serai.output().contains("its old routes continue to run"));
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
        try (SeraiProcess serai = SeraiProcess.start(folder, folder.resolve("*.camel.yaml"), Map.of())) {
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
        launcher.environment().put("SERAI_JAVA_OPTS", "-Xmx6m");
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
    void aBrokenRouteFileIsNamedWithItsLine() throws Exception {
        Files.writeString(routes, """
                - route:
                    id: broken
                    from:
                      uri: direct:a
                      steps:
                        - to: [direct:b
                """);
        assertThat(refused(CONFIGURATION)).contains("orders.camel.yaml:6: the [ that begins here is not closed");
    }

    private void replace(String what, String by) throws IOException {
        assertThat(OrderRoutes.IN).contains(what);
        Files.writeString(routes, OrderRoutes.IN.replace(what, by));
    }

    /** The last line of {@code run}. */
    private String refused(int exitCode) throws InterruptedException {
        try (SeraiProcess serai = SeraiProcess.start(folder, routes, Map.of())) {
            int ended = serai.exitCode();
            String output = serai.output();
            assertThat(ended).as(output).isEqualTo(exitCode);
            assertThat(output.lines()).as(output).singleElement().asString().startsWith("serai: ");
            return output;
        }
    }
}
