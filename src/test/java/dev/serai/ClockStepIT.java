package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The wall clock of a real process is set, back and forward.
 *
 * <p>Needs libfaketime: the package of that name, or {@code -Dserai.faketime=} its {@code libfaketimeMT.so.1}.
 */
class ClockStepIT {
    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> got = new CopyOnWriteArrayList<>();
    private HttpServer target;
    private Path routes;
    private volatile int status = 200;

    ClockStepIT() throws IOException {
        target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/", this::receive);
    }

    private void receive(HttpExchange exchange) throws IOException {
        String id = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        exchange.getRequestBody().readAllBytes();
        int answer = status;
        got.add(id + " " + answer);
        exchange.sendResponseHeaders(answer, -1);
        exchange.close();
    }

    @BeforeEach
    void start() throws IOException {
        target.start();
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), """
                - route:
                    id: orders-in
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/orders }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { id: "${jq(.id)}", key: "${jq(.id)}" } }
                - route:
                    id: orders-out
                    from:
                      uri: ledger:orders
                      parameters: { target: shop, maximumRedeliveries: -1, redeliveryDelay: 200ms, maximumRedeliveryDelay: 1s }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}/orders" } }
                """);
    }

    @AfterEach
    void stop() {
        target.stop(0);
    }

    @Test
    void deliveriesAndRetriesGoOnWhateverTheClockSays() throws Exception {
        set("+0");
        try (SeraiProcess serai = run()) {
            send(serai, "e1");
            awaitGot("e1 200");
            set("-3600");
            send(serai, "e2");
            awaitGot("e2 200");
            assertThat(clock(serai)).contains("\"steps\":1", "set back by 3600 s");

            status = 500;
            send(serai, "e3");
            awaitGot("e3 500");
            set("+259200");
            int before = got.size();
            Awaitility.await().until(() -> got.size() >= before + 2);
            assertThat(clock(serai)).contains("\"steps\":2", "set forward by 262800 s");
            set("-3600");
            status = 200;
            awaitGot("e3 200");

            status = 500;
            send(serai, "e4");
            awaitGot("e4 500");
            assertThat(serai.terminate()).as(serai.output()).isZero();
        }
        set("-7200");
        status = 200;
        try (SeraiProcess serai = run()) {
            awaitGot("e4 200");
            assertThat(serai.output()).contains("While the ledger was closed, the clock of this machine was set back");
            assertThat(serai.terminate()).as(serai.output()).isZero();
        }
    }

    private void awaitGot(String what) {
        Awaitility.await().until(() -> got.contains(what));
    }

    private void send(SeraiProcess serai, String id) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hooks/orders"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"id\":\"" + id + "\"}"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    private String clock(SeraiProcess serai) throws Exception {
        String token = Files.readString(folder.resolve("data").resolve("admin.token"), UTF_8)
                .strip();
        return http.send(
                        HttpRequest.newBuilder(URI.create(serai.adminUrl() + "/api/clock"))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    /** How far the process's wall clock is from the real one, in seconds. */
    private void set(String seconds) throws IOException {
        Path next = Files.writeString(folder.resolve("clock.next"), seconds);
        Files.move(next, folder.resolve("clock"), StandardCopyOption.ATOMIC_MOVE);
    }

    private SeraiProcess run() {
        String library = library();
        assumeTrue(!library.isEmpty(), "libfaketime is not installed: install that package, or set -Dserai.faketime");
        return SeraiProcess.run(
                folder,
                routes,
                Map.of(
                        "serai.http.port",
                        "0",
                        "serai.admin.port",
                        "0",
                        "target.url",
                        "http://127.0.0.1:" + target.getAddress().getPort()),
                Map.of(
                        "LD_PRELOAD", library,
                        "FAKETIME_TIMESTAMP_FILE", folder.resolve("clock").toString(),
                        "FAKETIME_NO_CACHE", "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                        "DONT_FAKE_MONOTONIC", "1"));
    }

    private static String library() {
        return Stream.concat(
                        Stream.ofNullable(System.getProperty("serai.faketime")),
                        Stream.of(
                                        "/usr/lib/x86_64-linux-gnu/",
                                        "/usr/lib/aarch64-linux-gnu/",
                                        "/usr/lib64/",
                                        "/usr/lib/")
                                .map(folder -> folder + LIBRARY))
                .filter(file -> Files.exists(Path.of(file)))
                .findFirst()
                .orElse("");
    }
}
