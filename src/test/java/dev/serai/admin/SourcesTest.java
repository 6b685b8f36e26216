package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.NamedTokens;
import dev.serai.admin.meter.SourceMeters;
import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source whose runs fail, seen through the admin port. */
class SourcesTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final String ROUTE = """
            - route:
                id: games-in
                from:
                  uri: kamelet:http-pull-source
                  parameters: { interval: 100ms, records: .items, cursor: .at, url: "{{remote}}/games" }
                  steps:
                    - to: { uri: "ledger:games", parameters: { batch: true, key: "${jq(.id)}", version: "${jq(.at)}" } }
            """;

    @TempDir
    private Path data;

    private volatile Answer answer = new Answer(500, Map.of(), "canary: the database is down");
    private final JsonMapper json = new JsonMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Vertx vertx = Vertx.vertx();
    private final RemoteSide remote = new RemoteSide(asked -> answer);
    private final KameletRunner runner = new KameletRunner(() -> data);
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private AdminServer server;

    @BeforeEach
    void start() throws Exception {
        SourceMeters meters = new SourceMeters(registry, runner.context, runner.ledger(), Clock.systemUTC());
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(null),
                runner.ledger(),
                runner.context,
                () -> {
                    meters.refresh();
                    return registry.scrape();
                },
                Clock.systemUTC(),
                null);
        server.start();
        runner.with(ROUTE, Map.of("remote", remote.url(""))).start();
    }

    @AfterEach
    void stop() {
        runner.close();
        server.close();
        remote.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private HttpResponse<String> get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Patience.MAX)
                .header("Authorization", "Bearer " + TOKEN)
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private JsonNode status() throws Exception {
        return json.readTree(get("/api/status").body());
    }

    private JsonNode source() throws Exception {
        return status().path("sources").path(0);
    }

    private void awaitState(String state) {
        await().until(() -> source().path("state").asText().equals(state));
    }

    @Test
    void aFailingSourceIsInStatusMetricsAndHealthUntilARunIsGood() throws Exception {
        awaitState("failing");
        JsonNode failing = source();
        assertThat(status().path("ok").asBoolean()).isFalse();
        assertThat(failing.path("name").asText()).isEqualTo("games-in");
        assertThat(failing.path("kind").asText()).isEqualTo("pull");
        assertThat(failing.path("reason").asText()).contains("HTTP 500", "canary: the database is down");
        assertThat(failing.path("since").isTextual()).isTrue();
        assertThat(failing.path("lastError").path("text").asText()).contains("canary");
        assertThat(failing.path("lastGoodAt").isNull()).isTrue();
        assertThat(get("/observe/metrics").body())
                .contains("serai_source_state{source=\"games-in\",state=\"failing\"} 1.0")
                .contains("serai_source_state{source=\"games-in\",state=\"ok\"} 0.0")
                .contains("serai_source_last_good_timestamp_seconds{source=\"games-in\"} 0.0");
        HttpResponse<String> health = get("/observe/health/ready");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .contains("source:games-in", "games-in is failing since", "./serai status has the reason")
                .doesNotContain("canary");

        answer = Answer.json(
                "{\"items\":[{\"id\":\"a\",\"at\":\"2026-01-01T00:00:00Z\"},{\"at\":\"2026-01-01T00:00:00Z\"}]}");
        awaitState("ok");
        assertThat(status().path("ok").asBoolean()).isTrue();
        JsonNode good = source();
        assertThat(good.path("reason").isNull()).isTrue();
        assertThat(good.path("accepted").asInt()).isEqualTo(2);
        assertThat(good.path("broken").asInt()).isEqualTo(1);
        assertThat(good.path("flows").path(0).asText()).isEqualTo("games");
        assertThat(good.path("lagSeconds").asDouble()).isPositive();
        await().until(() -> source().path("nextRunAt").isTextual());
        assertThat(get("/observe/metrics").body())
                .contains("serai_source_state{source=\"games-in\",state=\"ok\"} 1.0")
                .contains("serai_source_broken_total{source=\"games-in\"} 1.0")
                .containsPattern("serai_source_lag_seconds\\{source=\"games-in\"} [0-9]")
                .containsPattern("serai_source_records_total\\{source=\"games-in\"} [1-9]")
                .containsPattern("serai_source_runs_total\\{source=\"games-in\"} [1-9]")
                .containsPattern("serai_source_last_good_timestamp_seconds\\{source=\"games-in\"} [1-9]");
        assertThat(get("/observe/health/ready").body()).contains("games-in is ok");
    }

    @Test
    void anInputThatCannotBeReadDoesNotMakeTheNodeUnready() throws Exception {
        HealthCheckRegistry checks = HealthCheckHelper.getHealthCheckRegistry(runner.context);
        checks.register(new AbstractHealthCheck("camel", "consumer:kafka-source-1") {
            @Override
            protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
                builder.message("KafkaConsumer is not ready").down();
            }
        });

        HttpResponse<String> health = get("/observe/health/ready");
        assertThat(health.body()).contains("consumer:kafka-source-1", "KafkaConsumer is not ready");
        assertThat(health.statusCode()).isEqualTo(200);
    }

    @Test
    void aRouteFileThatIsNotLoadedIsInStatusAndHealth() throws Exception {
        answer = Answer.json("{\"items\":[]}");
        awaitState("ok");
        assertThat(status().path("ok").asBoolean()).isTrue();
        assertThat(status().path("routes").path("loaded").asInt()).isEqualTo(1);
        assertThat(status().path("routes").path("refused")).isEmpty();

        RouteFileStatus.of(runner.context)
                .setRefused("routes", List.of(new RefusedFile("routes/a.yaml", 7, "no such Kamelet", Instant.EPOCH)));

        assertThat(status().path("ok").asBoolean()).isFalse();
        JsonNode refused = status().path("routes").path("refused").path(0);
        assertThat(refused.path("file").asText()).isEqualTo("routes/a.yaml");
        assertThat(refused.path("line").asInt()).isEqualTo(7);
        assertThat(refused.path("reason").asText()).isEqualTo("no such Kamelet");
        assertThat(get("/observe/health/ready").body())
                .contains("1 file is not loaded")
                .doesNotContain("no such Kamelet");
    }

    @Test
    void aRemovedSourceLeavesNoMeters() throws Exception {
        awaitState("failing");
        assertThat(get("/observe/metrics").body()).contains("games-in");

        runner.context.getRouteController().stopAllRoutes();
        for (String id :
                runner.context.getRoutes().stream().map(Route::getRouteId).toList()) {
            runner.context.removeRoute(id);
        }

        assertThat(status().path("sources")).isEmpty();
        assertThat(get("/observe/metrics").body()).doesNotContain("games-in");
    }
}
