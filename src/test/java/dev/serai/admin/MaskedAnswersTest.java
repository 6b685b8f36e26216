package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.access.NamedTokens;
import dev.serai.camel.LeanCamelContext;
import dev.serai.text.BodyMask;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code serai.mask} in the answers of the admin API, from which console and command line have what they show. */
class MaskedAnswersTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final String SECRET = "5 €";

    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestLedger history = TestLedger.withSomeHistory();
    private AdminServer server;

    @BeforeEach
    void start() throws Exception {
        camel.getRegistry().bind("mask", BodyMask.of("$.total"));
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(null),
                history.ledger,
                camel,
                () -> "",
                Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC),
                null);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Authorization", "Bearer " + TOKEN);
    }

    private String get(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString()).body();
    }

    @Test
    void aChangeIsShownWithMaskedFieldsInItsBodyAndItsAttempts() throws Exception {
        String change = get("/api/changes/orders/" + history.delivered);

        assertThat(change)
                .contains("\"body\":\"{\\\"total\\\":\\\"***\\\"}\"")
                .contains("\"request\":\"POST https://erp.example/payments\\n\\n{\\\"total\\\":\\\"***\\\"}\"")
                .doesNotContain(SECRET);
        assertThat(new String(
                        history.ledger
                                .change("orders", history.delivered)
                                .orElseThrow()
                                .change()
                                .body(),
                        StandardCharsets.UTF_8))
                .contains(SECRET);
    }

    @Test
    void everyTextOfEveryAnswerIsMasked() throws Exception {
        String reason = "they sent {\\\"total\\\":\\\"5 €\\\"}";
        assertThat(http.send(
                                request("/api/targets/orders/erp/pause")
                                        .POST(HttpRequest.BodyPublishers.ofString("{\"reason\":\"" + reason + "\"}"))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);

        for (String path : List.of("/api/status", "/api/log")) {
            assertThat(get(path))
                    .contains("they sent {\\\"total\\\":\\\"***\\\"}")
                    .doesNotContain(SECRET);
        }
        for (String path : List.of("/api/changes?key=A-1", "/api/dead", "/api/causes", "/api/flows", "/api/history")) {
            assertThat(get(path)).doesNotContain(SECRET);
        }
        try (var events = new BufferedReader(new InputStreamReader(
                http.send(request("/api/events").build(), BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8))) {
            String line = events.readLine();
            while (!line.startsWith("data: ")) {
                line = events.readLine();
            }
            assertThat(line).contains("***").doesNotContain(SECRET);
        }
    }
}
