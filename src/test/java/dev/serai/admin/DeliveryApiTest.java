package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.NamedTokens;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of the admin API about what has not ended well. */
class DeliveryApiTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final Clock CLOCK = Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC);

    private final JsonMapper json = new JsonMapper();
    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestLedger history = TestLedger.withSomeHistory();
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        camel.getRegistry().bind("byteBudget", new ByteBudget(1 << 20));
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(null),
                history.ledger,
                camel,
                () -> "",
                CLOCK,
                null);
        camel.start();
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void deliveriesAreListedByStateOldestFirst() throws Exception {
        JsonNode retrying = read("/api/changes?state=retrying");
        assertThat(retrying).hasSize(1);
        assertThat(retrying.path(0).path("sequence").asLong()).isEqualTo(history.waiting);
        JsonNode delivery = retrying.path(0).path("deliveries").path(0);
        assertThat(delivery.path("target").asText()).isEqualTo("erp");
        assertThat(delivery.path("state").asText()).isEqualTo("retrying");
        assertThat(delivery.path("behind").asInt()).isZero();
        assertThat(delivery.path("dueAt").asText()).isNotEmpty();

        assertThat(sequences("/api/changes?target=shop")).containsExactly(history.delivered, history.pending);
        assertThat(sequences("/api/changes?state=pending&state=dead"))
                .containsExactly(history.delivered, history.pending, history.pending);
        assertThat(sequences("/api/changes?state=dead&text=UNAVAILABLE&status=503"))
                .containsExactly(history.delivered);
        assertThat(sequences("/api/changes?state=dead&status=404")).isEmpty();
        assertThat(sequences("/api/changes?since=2026-01-31T08:00:20Z"))
                .containsExactly(history.pending, history.pending);
        assertThat(sequences("/api/changes?state=delivered&key=A-1")).hasSize(2);
        assertThat(sequences("/api/changes?id=e2&state=retrying")).containsExactly(history.waiting);
        assertThat(sequences("/api/changes?id=e2&state=dead")).isEmpty();
    }

    @Test
    void aListTellsWhereItContinues() throws Exception {
        HttpResponse<String> first = get("/api/changes?target=shop&limit=1");
        String link = first.headers().firstValue("Link").orElseThrow();
        assertThat(link).isEqualTo("</api/changes?target=shop&limit=1&after=" + history.delivered + ">; rel=\"next\"");
        HttpResponse<String> second = get("/api/changes?target=shop&limit=1&after=" + history.delivered);
        assertThat(json.readTree(second.body()).path(0).path("sequence").asLong())
                .isEqualTo(history.pending);
        assertThat(second.headers().firstValue("Link")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "state=stuck, 400, 'there is no state stuck: use pending, delivering, delivered'",
        "state=delivered, 400, is found by key",
        "target=crm, 404, 'known are erp, shop'",
        "flow=nothing&state=dead, 404, 'known are orders'",
        "status=42, 400, from 100 to 599",
        "id=e1&text=x, 400, id is combined with",
        "until=tomorrow, 400, RFC 3339",
    })
    void whatDoesNotExistIsRefusedWithWhatDoes(String query, int status, String detail) throws Exception {
        HttpResponse<String> answer = get("/api/changes?" + query);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json.readTree(answer.body()).path("detail").asText()).contains(detail);
    }

    @Test
    void causesAreCountedAndSelectWhatTheyCount() throws Exception {
        JsonNode causes = read("/api/causes");
        assertThat(causes).hasSize(2);
        assertThat(causes.findValuesAsText("state")).containsExactlyInAnyOrder("retrying", "dead");
        JsonNode dead = causes.path(0).path("state").asText().equals("dead") ? causes.path(0) : causes.path(1);
        assertThat(dead.path("cause").asText()).isEqualTo("503 Service Unavailable");
        assertThat(dead.path("target").asText()).isEqualTo("shop");
        assertThat(dead.path("count").asInt()).isEqualTo(1);
        assertThat(dead.path("keys").asInt()).isEqualTo(1);
        assertThat(dead.path("perMinute").asDouble()).isEqualTo(0.2);
        assertThat(dead.path("example").asText()).isEqualTo("503 Service Unavailable");
        String id = dead.path("id").asText();

        assertThat(sequences("/api/dead?cause=" + id)).containsExactly(history.delivered);
        assertThat(sequences("/api/dead?cause=503%20Service%20Unavailable")).containsExactly(history.delivered);
        assertThat(sequences("/api/dead?cause=0000000000000000")).isEmpty();
        assertThat(matched(post("/api/dead/replay", "{\"cause\":\"" + id + "\",\"dryRun\":true}")))
                .isEqualTo(1);
        assertThat(matched(post("/api/retry", "{\"cause\":\"" + id + "\",\"dryRun\":true}")))
                .isEqualTo(1);
        assertThat(matched(post("/api/skip", "{\"cause\":\"other\",\"dryRun\":true}")))
                .isZero();
        assertThat(get("/api/causes?target=crm").statusCode()).isEqualTo(404);
    }

    @Test
    void aRetryMakesWhatWaitsDueNow() throws Exception {
        JsonNode dry = json.readTree(
                post("/api/retry", "{\"target\":\"erp\",\"dryRun\":true}").body());
        assertThat(dry).isEqualTo(json.readTree("{\"matched\":1,\"retried\":0}"));
        String before = dueAt();
        JsonNode done = json.readTree(post("/api/retry", "{\"keys\":[\"A-1\"]}").body());
        assertThat(done).isEqualTo(json.readTree("{\"matched\":1,\"retried\":1}"));
        assertThat(dueAt()).isLessThan(before);
    }

    private String dueAt() throws Exception {
        return read("/api/changes?state=retrying")
                .path(0)
                .path("deliveries")
                .path(0)
                .path("dueAt")
                .asText();
    }

    @Test
    void aSkippedChangeIsADeadLetterWithItsReasonInOneLine() throws Exception {
        JsonNode done =
                json.readTree(post("/api/skip", "{\"target\":\"erp\",\"reason\":\"wrong\\r\\ncustomer\\u001b[2J\"}")
                        .body());
        assertThat(done).isEqualTo(json.readTree("{\"matched\":1,\"skipped\":1,\"delivering\":0}"));
        assertThat(read("/api/dead?target=erp").path(0).path("error").asText())
                .isEqualTo("skipped by admin: wrong customer [2J");
        assertThat(read("/api/changes?state=retrying")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/retry", "/api/skip", "/api/dead/replay", "/api/dead/discard"})
    void noVerbActsOnAllByAccident(String path) throws Exception {
        for (String body : List.of("", "{}", "{\"reason\":\"x\"}", "{\"cause\":\"\"}", "{\"all\":false}")) {
            assertThat(post(path, body).statusCode()).as(body).isEqualTo(422);
        }
        assertThat(post(path, "{\"causes\":\"x\"}").statusCode()).isEqualTo(400);
        assertThat(post(path, "{\"status\":4.5}").statusCode()).isEqualTo(400);
        assertThat(post(path, "{\"flow\":\"none\"}").statusCode()).isEqualTo(404);
        assertThat(read("/api/dead")).hasSize(1);
        assertThat(read("/api/changes?state=retrying")).hasSize(1);
    }

    @Test
    void aReplayIsListedAndStopped() throws Exception {
        assertThat(read("/api/replays")).isEmpty();
        JsonNode begun = json.readTree(
                post("/api/dead/replay", "{\"target\":\"shop\",\"rate\":1000}").body());
        assertThat(begun.path("replayed").asInt()).isEqualTo(1);
        long id = begun.path("id").asLong();
        JsonNode replay = read("/api/replays").path(0);
        assertThat(replay.path("id").asLong()).isEqualTo(id);
        assertThat(replay.path("state").asText()).isEqualTo("settling");
        assertThat(replay.path("moved").asInt()).isEqualTo(1);
        assertThat(replay.path("open").asInt()).isEqualTo(1);
        assertThat(replay.path("left").asInt()).isZero();
        assertThat(replay.path("filter").path("target").asText()).isEqualTo("shop");

        JsonNode stopped = json.readTree(
                send("DELETE", "/api/replays/" + id, "{\"reason\":\"enough\"}").body());
        assertThat(stopped.path("state").asText()).isEqualTo("stopped");
        assertThat(stopped.path("reason").asText()).isEqualTo("stopped by admin: enough");
        await().untilAsserted(() -> assertThat(history.store.replays())
                .singleElement()
                .satisfies(saved -> assertThat(saved.reason()).contains("enough")));
        HttpResponse<String> unknown = send("DELETE", "/api/replays/99", "");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("the newest are " + id);
    }

    private List<Long> sequences(String path) throws Exception {
        return read(path).findValuesAsText("sequence").stream()
                .map(Long::valueOf)
                .toList();
    }

    private long matched(HttpResponse<String> answer) throws Exception {
        return json.readTree(answer.body()).path("matched").asLong(-1);
    }

    private JsonNode read(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json.readTree(answer.body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return send("POST", path, body);
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(
                request(path).method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Authorization", "Bearer " + TOKEN);
    }
}
