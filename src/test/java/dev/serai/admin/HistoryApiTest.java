package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.NamedTokens;
import dev.serai.access.TokenFile;
import dev.serai.camel.FlowRoutes;
import dev.serai.camel.FlowRoutes.FlowUse;
import dev.serai.camel.FlowRoutes.TargetGuarantee;
import dev.serai.camel.FlowRoutes.UsedRoute;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.audit.AuditEntry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
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

/** What the pages of flows ask for: what happened to them. */
class HistoryApiTest {
    private static final String TOKEN = "test-only-token-0123456789";

    @TempDir
    Path data;

    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestLedger ledger = TestLedger.withSomeHistory();
    private AdminServer server;

    @BeforeEach
    void start() throws Exception {
        camel.getRegistry().bind("byteBudget", new ByteBudget(1 << 20));
        camel.start();
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(TokenFile.in(data)),
                ledger.ledger,
                camel,
                () -> "",
                Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC),
                null);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        ledger.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .build(),
                BodyHandlers.ofString());
    }

    private JsonNode read(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonMapper().readTree(answer.body());
    }

    @Test
    void thePresentMinuteIsThereAtOnce() throws Exception {
        ledger.ledger.accept(TestLedger.change("new")).get();

        JsonNode history = read("/api/history?flow=orders");

        assertThat(history.path("step").asText()).isEqualTo("minute");
        assertThat(history.path("since").asText()).isEqualTo("2026-01-31T05:01:00.000Z");
        assertThat(history.path("until").asText()).isEqualTo("2026-01-31T08:01:00.001Z");
        JsonNode point = history.path("points").path(0);
        List<String> names = new ArrayList<>();
        point.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly(
                        "at", "accepted", "duplicates", "delivered", "failed", "dead", "pending", "oldestSeconds");
        assertThat(point.path("at").asText()).isEqualTo("2026-01-31T08:00:00.000Z");
        assertThat(point.path("accepted").asLong()).isEqualTo(1);
        assertThat(point.path("pending").asLong())
                .as("2 of erp and shop, and the new one for both")
                .isEqualTo(5);
        assertThat(point.path("oldestSeconds").asDouble()).isEqualTo(20);
        assertThat(read("/api/history").path("points")).hasSize(1);
        assertThat(read("/api/history?flow=orders&target=shop")
                        .path("points")
                        .path(0)
                        .path("pending")
                        .asLong())
                .isEqualTo(2);
        assertThat(read("/api/history?step=hour")
                        .path("points")
                        .path(0)
                        .path("accepted")
                        .asLong())
                .isEqualTo(1);
    }

    @Test
    void actionsAreMarkedWhereTheyConcernTheFlow() throws Exception {
        for (String what : List.of("orders/erp", "orders/all targets", "all flows/all targets", "other/erp")) {
            ledger.ledger
                    .actions()
                    .log()
                    .append(AuditEntry.of("ann", "retry", what, null, 3L, "moving", "done"))
                    .get();
        }
        ledger.ledger
                .actions()
                .log()
                .append(AuditEntry.of("node", "reload", "routes/a.yaml", null, null, null, "reloaded"))
                .get();

        assertThat(marks("/api/history?flow=orders&target=shop"))
                .containsExactlyInAnyOrder(
                        "ann: retry orders/all targets, because moving: done",
                        "ann: retry all flows/all targets, because moving: done",
                        "node: reload routes/a.yaml: reloaded");
        assertThat(marks("/api/history?flow=orders")).hasSize(4);
        assertThat(marks("/api/history")).hasSize(5);
        assertThat(marks("/api/history?until=2026-01-31T08:00:00Z")).isEmpty();
    }

    private List<String> marks(String path) throws Exception {
        List<String> texts = new ArrayList<>();
        for (JsonNode mark : read(path).path("marks")) {
            assertThat(mark.path("kind").asText()).isEqualTo("audit");
            assertThat(mark.path("at").asText()).isEqualTo("2026-01-31T08:00:30.000Z");
            texts.add(mark.path("text").asText());
        }
        return texts;
    }

    @ParameterizedTest
    @CsvSource({
        "/api/history?flow=none, 404, there is no flow none",
        "/api/history?flow=orders&target=none, 404, flow orders has no target none",
        "/api/history?target=erp, 400, target needs flow",
        "/api/history?step=day, 400, use minute or hour",
        "/api/history?since=yesterday, 400, RFC 3339",
        "/api/history?form=x, 400, unknown query parameter form",
    })
    void whatIsNotUnderstoodIsRefused(String path, int status, String reason) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(reason);
    }

    @Test
    void aFlowHasItsRoutesAndWhatTheyGuarantee() throws Exception {
        camel.getRegistry().bind("flowRoutes", (FlowRoutes) flow -> new FlowUse(
                List.of(new UsedRoute(flow + "-erp", "routes/a.yaml", 7, "target", "erp")),
                List.of(new TargetGuarantee("erp", "webhook-source", "per key", "at least once", List.of("a: b"))),
                List.of("flow " + flow)));

        JsonNode flow = read("/api/flows/%6Frders");

        List<String> names = new ArrayList<>();
        flow.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly(
                        "flow", "accepted", "duplicates", "sources", "routes", "targets", "guarantees", "check");
        assertThat(flow.path("flow").asText()).isEqualTo("orders");
        assertThat(flow.path("accepted").asLong()).isEqualTo(3);
        assertThat(flow.path("targets")).isEqualTo(read("/api/flows").path(0).path("targets"));
        assertThat(flow.path("routes").toString())
                .isEqualTo("[{\"id\":\"orders-erp\",\"file\":\"routes/a.yaml\",\"line\":7,\"role\":\"target\","
                        + "\"target\":\"erp\"}]");
        assertThat(flow.path("guarantees").toString())
                .isEqualTo("[{\"target\":\"erp\",\"source\":\"webhook-source\",\"order\":\"per key\","
                        + "\"delivery\":\"at least once\",\"notes\":[\"a: b\"]}]");
        assertThat(get("/api/flows/none").statusCode()).isEqualTo(404);
    }

    @Test
    void aTimeWithoutAnythingIsEmpty() throws Exception {
        JsonNode history = read("/api/history?since=2026-01-31T09:00:00Z&until=2026-01-31T07:00:00Z");

        assertThat(history.path("points")).isEmpty();
        assertThat(history.path("marks")).isEmpty();
    }
}
