package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.NamedTokens;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The audit: who did what through the admin API. */
class AuditTest {
    private static final Clock CLOCK = Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC);

    @TempDir
    Path data;

    private final JsonMapper json = new JsonMapper();
    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestLedger history = TestLedger.withSomeHistory();
    private AdminServer server;
    private String ann;

    @BeforeEach
    void start() throws Exception {
        camel.getRegistry().bind("byteBudget", new ByteBudget(1 << 20));
        camel.start();
        ann = TokenFile.in(data).add("ann", TokenRole.OPERATE, CLOCK);
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken("test-only-token-0123456789"),
                new NamedTokens(TokenFile.in(data)),
                history.ledger,
                camel,
                () -> "",
                CLOCK,
                null);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST /api/targets/orders/erp/pause|{'reason':'moving'}|pause|orders/erp||",
                "POST /api/targets/orders/erp/resume|{'reason':'moving'}|resume|orders/erp||",
                "DELETE /api/targets/orders/shop|{'reason':'moving'}|target remove|orders/shop||",
                "POST /api/retry|{'target':'erp','reason':'moving'}|retry|all flows/erp|{'target':'erp'}|1",
                "POST /api/skip|{'flow':'orders','target':'erp','reason':'moving'}|skip|orders/erp|{'flow':'orders','target':'erp'}|1",
                "POST /api/dead/replay|{'all':true,'rate':0,'reason':'moving'}|replay|all flows/all targets|{'all':true,'rate':0}|1",
                "POST /api/dead/discard|{'keys':['A-1'],'reason':'moving'}|discard|all flows/all targets|{'keys':['A-1']}|1",
            })
    void everyVerbIsNoted(String request, String body, String action, String what, String filter, Long count)
            throws Exception {
        assertThat(send(request, body.replace('\'', '"')).statusCode()).isEqualTo(200);

        JsonNode entry = log("").path(0);
        List<String> names = new ArrayList<>();
        entry.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly("id", "at", "actor", "action", "what", "filter", "count", "reason", "outcome");
        assertThat(entry.path("actor").asText()).isEqualTo("ann");
        assertThat(entry.path("action").asText()).isEqualTo(action);
        assertThat(entry.path("what").asText()).isEqualTo(what);
        assertThat(entry.path("filter"))
                .isEqualTo(filter == null ? json.nullNode() : json.readTree(filter.replace('\'', '"')));
        assertThat(entry.path("count").isNull()).isEqualTo(count == null);
        assertThat(entry.path("count").asLong()).isEqualTo(count == null ? 0 : count);
        assertThat(entry.path("reason").asText()).isEqualTo("moving");
        assertThat(entry.path("outcome").asText()).isEqualTo("done");
        assertThat(entry.path("at").asText()).isEqualTo("2026-01-31T08:00:30.000Z");
    }

    @Test
    void aCursorIsNotedWithWhatItWas() throws Exception {
        send("PUT /api/cursors/orders-pull", "{\"value\":\"page-9\",\"reason\":\"lost\"}");
        send("PUT /api/cursors/other", "{\"value\":\"1\",\"new\":true}");

        JsonNode entries = log("?action=cursor+set");
        assertThat(entries.path(0).path("what").asText()).isEqualTo("other");
        assertThat(entries.path(0).path("outcome").asText()).isEqualTo("set to 1; before, it was not set");
        assertThat(entries.path(1).path("what").asText()).isEqualTo("orders-pull");
        assertThat(entries.path(1).path("outcome").asText()).isEqualTo("set to page-9; before, it was page-7");
        assertThat(entries.path(1).path("reason").asText()).isEqualTo("lost");
    }

    @Test
    void aReplayThatIsStoppedIsNoted() throws Exception {
        long id = json.readTree(send("POST /api/dead/replay", "{\"all\":true,\"rate\":100}")
                        .body())
                .path("id")
                .asLong();
        send("DELETE /api/replays/" + id, "{\"reason\":\"enough\"}");

        JsonNode entries = log("");
        assertThat(entries.findValuesAsText("action")).containsExactly("replay stop", "replay");
        assertThat(entries.path(0).path("what").asText()).isEqualTo(String.valueOf(id));
        assertThat(entries.path(0).path("reason").asText()).isEqualTo("enough");
        assertThat(json.readTree(send("GET /api/replays", "").body())
                        .path(0)
                        .path("reason")
                        .asText())
                .isEqualTo("stopped by ann: enough");
    }

    @Test
    void whatFailsIsNotedWithItsReason() throws Exception {
        history.subscribe(TestLedger.ERP);
        assertThat(send("DELETE /api/targets/orders/erp", "").statusCode()).isEqualTo(409);
        assertThat(send("POST /api/backup", "{\"file\":\"/tmp\"}").statusCode()).isGreaterThanOrEqualTo(409);

        JsonNode entries = log("");
        assertThat(entries.findValuesAsText("action")).containsExactly("backup", "target remove");
        assertThat(entries.path(0).path("what").asText()).isEqualTo("/tmp");
        assertThat(entries.findValuesAsText("outcome"))
                .allMatch(outcome -> outcome.startsWith("failed: ") || outcome.startsWith("refused: "));
    }

    @Test
    void whatDidNothingIsNotNoted() throws Exception {
        send("POST /api/skip", "{\"target\":\"erp\",\"dryRun\":true}");
        send("POST /api/skip", "{}");
        send("POST /api/skip", "no json");
        send("POST /api/targets/orders/none/pause", "");
        send("PUT /api/cursors/none", "{\"value\":\"1\"}");
        send("GET /api/flows", "");

        assertThat(log("")).isEmpty();
    }

    @Test
    void tokensThatComeAndGoAreNoted() throws Exception {
        TokenFile.in(data).add("bob", TokenRole.VIEW, CLOCK);
        await().atMost(Patience.MAX).until(() -> !log("?action=token+add").isEmpty());
        TokenFile.in(data).remove("bob");
        await().atMost(Patience.MAX)
                .until(() -> !log("?action=token+remove&actor=local").isEmpty());

        assertThat(log("").findValuesAsText("what")).containsExactly("bob (view)", "bob (view)");
    }

    @Test
    void theLogIsFilteredAndContinues() throws Exception {
        for (String action : List.of("a", "b", "a", "b", "a")) {
            history.ledger
                    .actions()
                    .log()
                    .append(AuditEntry.of("bob", action, "x", null, null, null, "done"))
                    .join();
            history.setClock(Duration.ofDays(1));
        }
        assertThat(ids(log("?action=a"))).containsExactly(5L, 3L, 1L);
        assertThat(ids(log("?actor=ann"))).isEmpty();
        assertThat(ids(log("?since=2026-02-01T08:00:30Z&until=2026-02-03T08:00:30Z")))
                .containsExactly(3L, 2L);
        HttpResponse<String> page = send("GET /api/log?action=a&limit=2", "");
        assertThat(ids(json.readTree(page.body()))).containsExactly(5L, 3L);
        assertThat(page.headers().firstValue("Link")).contains("</api/log?action=a&limit=2&after=3>; rel=\"next\"");
        assertThat(ids(log("?action=a&limit=2&after=3"))).containsExactly(1L);
        for (String wrong :
                List.of("limit=0", "limit=1001", "after=x", "since=now", "acter=bob", "action=a&action=b")) {
            assertThat(send("GET /api/log?" + wrong, "").statusCode()).as(wrong).isEqualTo(400);
        }

        history.setClock(Duration.ofDays(397));
        assertThat(ids(log(""))).containsExactly(5L, 4L, 3L);
    }

    @Test
    void aHostileReasonIsOneShortLineAndManyKeysAreCounted() throws Exception {
        send("POST /api/retry", "{\"target\":\"erp\",\"error\":\"a\u202eb\",\"reason\":\"\u202e\"}");
        assertThat(history.store.audit(new AuditQuery(null, null, null, null, 9, 1)))
                .extracting(AuditEntry::filter)
                .containsExactly("{\"target\":\"erp\",\"error\":\"a\\u202eb\"}");
        String keys = "\"" + "k".repeat(50) + "\",";
        send(
                "POST /api/retry",
                "{\"target\":\"erp\",\"keys\":[" + keys.repeat(200) + "\"A-1\"],\"reason\":\"a\\r\\nb\\u001b[2J"
                        + "x".repeat(2000) + "\"}");

        JsonNode entry = log("").path(0);
        assertThat(entry.path("reason").asText())
                .startsWith("a b")
                .hasSizeLessThan(510)
                .doesNotContain("\u001b", "\n");
        assertThat(entry.path("filter").toString()).isEqualTo("{\"target\":\"erp\",\"keys\":\"201 of them\"}");
    }

    private static List<Long> ids(JsonNode entries) {
        List<Long> ids = new ArrayList<>();
        entries.forEach(entry -> ids.add(entry.path("id").asLong()));
        return ids;
    }

    private JsonNode log(String query) throws Exception {
        HttpResponse<String> answer = send("GET /api/log" + query, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json.readTree(answer.body());
    }

    private HttpResponse<String> send(String request, String body) throws Exception {
        String[] words = request.split(" ");
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + words[1]))
                        .method(words[0], body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .header("Authorization", "Bearer " + ann)
                        .build(),
                BodyHandlers.ofString());
    }
}
