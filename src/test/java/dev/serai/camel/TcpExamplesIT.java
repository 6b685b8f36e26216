package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples in docs/examples, as they are there. */
@Timeout(60)
class TcpExamplesIT {
    @TempDir
    private Path data;

    private KameletRunner runner;

    @BeforeEach
    void prepare() {
        runner = new KameletRunner(data);
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    private static String example(String name) throws Exception {
        return Files.readString(Path.of("docs/examples", name));
    }

    @Test
    void whatComesOverTcpGoesOnOverHttp() throws Exception {
        String change = "{\"id\":\"e-1\",\"device\":\"d-7\",\"at\":\"2026-01-31T08:00:00Z\",\"celsius\":21.5}";
        try (RemoteSide service = new RemoteSide(asked -> RemoteSide.Answer.json("{}"))) {
            runner.with(
                            example("tcp-to-http.camel.yaml"),
                            Map.of("devices.port", "0", "service.url", service.url("/devices")))
                    .start();
            try (TcpPeer device = TcpPeer.connect(runner.context, "line")) {
                assertThat(device.ask(change)).contains("\"id\":\"e-1\"");
            }

            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(service.asked).singleElement().satisfies(asked -> {
                                assertThat(asked.body()).asString().isEqualTo(change);
                                assertThat(asked.headers())
                                        .containsEntry("idempotency-key", "e-1")
                                        .containsEntry("serai-key", "d-7");
                            }));
        }
    }

    @Test
    void whatComesOverHttpGoesOnOverTcpUntilTheTargetTakesIt() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        FlowServer server = FlowServer.start(runner.context, FlowServer.Settings.of("127.0.0.1", 0));
        try (TcpTarget warehouse = new TcpTarget(
                "length",
                (frame, socket) -> TcpTarget.length(
                        socket, answers.incrementAndGet() == 1 ? "{\"error\":\"counting\",\"retryAfter\":0}" : "{}"))) {
            runner.with(example("http-to-tcp.camel.yaml"), Map.of("warehouse.port", String.valueOf(warehouse.port())))
                    .start();
            HttpRequest order = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.port() + "/hooks/orders"))
                    .timeout(Duration.ofSeconds(20))
                    .POST(BodyPublishers.ofString("{\"order\":\"O-1\",\"revision\":3}"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(order, BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(202);

            Awaitility.await().untilAsserted(() -> assertThat(warehouse.frames).hasSize(2));
            JsonNode sent = new ObjectMapper().readTree(warehouse.frames.get(1));
            assertThat(warehouse.frames.get(0)).isEqualTo(warehouse.frames.get(1));
            assertThat(sent.path("key").asText()).isEqualTo("O-1");
            assertThat(sent.path("id").asText()).isNotEmpty();
            assertThat(sent.path("order").path("revision").asInt()).isEqualTo(3);
        }
    }
}
