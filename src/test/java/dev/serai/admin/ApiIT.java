package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.cli.Cli;
import dev.serai.support.RecordingTarget;
import dev.serai.support.RefusingPort;
import dev.serai.support.SeraiProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin API and the command line against a real node whose targets fail. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiIT {
    private static final String ROUTES = """
            - route:
                id: in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { id: "${jq(.id)}", key: "${jq(.key)}", version: "${jq(.n)}" } }
            - route:
                id: out
                from:
                  uri: ledger:orders
                  parameters: { target: shop, maximumRedeliveries: 1, redeliveryDelay: 50ms }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}/orders" } }
            - route:
                id: away-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/away }
                  steps:
                    - to: { uri: "ledger:away", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            - route:
                id: away-out
                from:
                  uri: ledger:away
                  parameters: { target: nobody }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "http://127.0.0.1:{{nobody.port}}/" } }
            """;

    private final JsonMapper json = new JsonMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final RefusingPort nobody = new RefusingPort();
    private RecordingTarget target;
    private SeraiProcess serai;
    private Path tokenFile;
    private String token;

    @TempDir
    private static Path folder;

    /** The output of a command, and its exit code. */
    private record Said(int exitCode, String out, String err) {}

    @BeforeAll
    void start() throws Exception {
        target = new RecordingTarget(1);
        serai = SeraiProcess.run(
                folder,
                Files.writeString(folder.resolve("all.camel.yaml"), ROUTES),
                Map.of("target.url", target.url(), "nobody.port", nobody.text()));
        tokenFile = folder.resolve("data/admin.token");
        token = Files.readString(tokenFile).strip();
    }

    @AfterAll
    void stop() throws Exception {
        try {
            assertThat(serai.terminate()).as(serai.output()).isZero();
        } finally {
            serai.close();
            target.close();
            nobody.close();
        }
    }

    @AfterEach
    void leaveNoDeadLetters() throws Exception {
        target.takeAll();
        post("/api/dead/discard", "{\"all\":true}");
    }

    @Test
    void aChangeIsFoundByKeyAndByIdAndShownWithEveryAttempt() throws Exception {
        target.refuse("T", 500);
        push("t1", "T");
        long sequence = push("t2", "T");
        awaitDead(2, "key=T");

        assertThat(get("/api/changes?flow=orders&key=T&limit=1").findValuesAsText("id"))
                .containsExactly("t2");
        assertThat(get("/api/changes?key=T").findValuesAsText("id")).containsExactly("t2", "t1");
        assertThat(get("/api/changes?id=t1").findValuesAsText("id")).containsExactly("t1");
        assertThat(get("/api/changes?key=nobody")).isEmpty();

        JsonNode change = get("/api/changes/orders/" + sequence);
        assertThat(change.path("key").asText()).isEqualTo("T");
        assertThat(json.readTree(change.path("body").asText()).path("id").asText())
                .isEqualTo("t2");
        JsonNode delivery = change.path("deliveries").path(0);
        assertThat(delivery.path("target").asText()).isEqualTo("shop");
        assertThat(delivery.path("state").asText()).isEqualTo("dead");
        assertThat(delivery.path("attempts").asInt()).isEqualTo(2);
        assertThat(change.path("attempts")).hasSize(2).allSatisfy(attempt -> {
            assertThat(attempt.path("status").asInt()).isEqualTo(500);
            assertThat(attempt.path("error").asText()).contains("500", "no T here");
        });

        Said trace = cli("trace", "T", "--flow", "orders");
        assertThat(trace.exitCode()).isZero();
        assertThat(trace.out())
                .contains("key T", "id t1", "id t2", "attempt 1 failed", "attempt 2 failed")
                .containsSubsequence("id t1", "id t2");
        assertThat(json.readTree(cli("trace", "T", "--json").out())).hasSize(2);
    }

    @Test
    void aNewVersionOfARouteIsRehearsedOnPastChanges() throws Exception {
        push("reh1", "R1");
        push("reh2", "R2");
        assertThat(rehearse("", "--require-equal"))
                .extracting(Said::exitCode, Said::out)
                .containsExactly(0, "orders/shop: of the last 2 changes 2 equal\n");

        Said differs = rehearse("- setBody: { expression: { jq: { expression: '. + {n: 7}' } } }");
        assertThat(differs.exitCode()).isZero();
        assertThat(differs.out())
                .startsWith("orders/shop: of the last 2 changes 2 differs\n")
                .containsSubsequence("key R1", "requests[0].body.n: expected 1, got 7", "key R2");

        Said refused = rehearse(
                "- filter: { expression: { jq: { expression: '.key == \"R2\"' } }, steps: [ { setBody: { expression: { jq: { expression: 'error(\"no R2\")' } } } } ] }",
                "--require-equal",
                "--json");
        assertThat(refused.exitCode()).isEqualTo(1);
        JsonNode target = json.readTree(refused.out()).path(0);
        assertThat(target.path("target").asText()).isEqualTo("orders/shop");
        assertThat(target.path("changes").asInt()).isEqualTo(2);
        assertThat(target.path("equal").asInt()).isEqualTo(1);
        assertThat(target.path("refused").asInt()).isEqualTo(1);
        assertThat(target.path("differences").path(0).path("key").asText()).isEqualTo("R2");
        assertThat(target.path("differences")
                        .path(0)
                        .path("differences")
                        .path(0)
                        .asText())
                .contains("no R2");

        assertThat(rehearse("- to: { uri: \"kamelet:http-snk\" }").err()).contains("perhaps http-sink is meant");
        assertThat(cli("rehearse", folder.resolve("none.yaml").toString()).err())
                .contains("no file");
    }

    /** The routes of this node's target, with one step more. */
    private Said rehearse(String step, String... options) throws Exception {
        String http = "        - to: { uri: \"kamelet:http-sink\", parameters: { url: \"{{target.url}}/orders\" } }";
        String version = ROUTES.replace(http, step.isEmpty() ? http : "        " + step + "\n" + http);
        List<String> arguments = new ArrayList<>(List.of("rehearse"));
        // Of the other flow nothing may be kept.
        arguments.add(Files.writeString(
                        folder.resolve("new.yaml"), version.substring(0, version.indexOf("- route:\n    id: away-in")))
                .toString());
        arguments.addAll(List.of("--routes", folder.resolve("all.camel.yaml").toString()));
        arguments.addAll(List.of("-p", "target.url=" + target.url(), "-p", "nobody.port=1", "--last", "2"));
        arguments.addAll(List.of(options));
        return cli(arguments.toArray(String[]::new));
    }

    @Test
    void deadLettersAreFoundByEachFilter() throws Exception {
        Instant before = Instant.now().minusSeconds(1);
        target.refuse("F", 422);
        target.refuse("G", 404);
        long first = push("f1", "F");
        long second = push("f2", "F");
        long third = push("g1", "G");
        awaitDead(3, "flow=orders");
        Map<String, List<Long>> filters = Map.of(
                "flow=orders&target=shop",
                List.of(first, second, third),
                "target=shop&limit=2",
                List.of(first, second),
                "key=F",
                List.of(first, second),
                "key=F&key=G",
                List.of(first, second, third),
                "sequence=" + third,
                List.of(third),
                "error=NO%20f%20here",
                List.of(first, second),
                "since=" + before,
                List.of(first, second, third),
                "since=" + Instant.now().plusSeconds(60),
                List.of(),
                "after=" + first,
                List.of(second, third),
                "flow=away",
                List.of());

        for (Map.Entry<String, List<Long>> filter : filters.entrySet()) {
            List<Long> found = new ArrayList<>();
            get("/api/dead?" + filter.getKey())
                    .forEach(letter -> found.add(letter.path("sequence").asLong()));
            assertThat(found).as(filter.getKey()).isEqualTo(filter.getValue());
        }
        assertThat(cli("dead", "list", "--key", "G", "--error", "404").out())
                .contains("orders/shop", "no G here")
                .doesNotContain("no F here");
        assertThat(cli("dead", "show", String.valueOf(first)).out()).contains("id f1", "{\"id\":\"f1\"");
        assertThat(cli("dead", "list", "--key", "none").exitCode()).isEqualTo(1);
        assertThat(cli("dead", "show", "999999").exitCode()).isEqualTo(1);
    }

    @Test
    void aReplayDeliversTheFilteredDeadLettersInKeyOrderAndADryRunDeliversNothing() throws Exception {
        target.refuse("R", 422);
        target.refuse("S", 422);
        for (int i = 1; i <= 5; i++) {
            push("r" + i, "R");
        }
        long other = push("s1", "S");
        awaitDead(6, "flow=orders");
        target.takeAll();

        assertThat(answer(post("/api/dead/replay", "{\"keys\":[\"R\"],\"dryRun\":true}")))
                .isEqualTo(json.readTree("{\"matched\":5,\"replayed\":0,\"running\":false}"));
        assertThat(cli("dead", "discard", "--error", "no S", "--dry-run").out()).contains("would discard 1");
        awaitDead(6, "flow=orders");
        assertThat(target.has("r1")).isFalse();

        JsonNode replayed = answer(post(
                "/api/dead/replay",
                "{\"flow\":\"orders\",\"target\":\"shop\",\"keys\":[\"R\"],\"error\":\"no r\",\"rate\":100}"));
        assertThat(replayed.path("replayed").asInt()).isEqualTo(5);
        await(() -> assertThat(target.has("r5")).isTrue());
        assertThat(target.firsts().stream()
                        .filter(arrival -> arrival.key().equals("R"))
                        .map(RecordingTarget.Arrival::id))
                .containsExactly("r1", "r2", "r3", "r4", "r5");
        awaitDead(1, "flow=orders");

        assertThat(answer(post("/api/dead/discard", "{\"sequences\":[" + other + "]}"))
                        .path("discarded")
                        .asInt())
                .isEqualTo(1);
        assertThat(get("/api/changes/orders/" + other)
                        .path("deliveries")
                        .path(0)
                        .path("state")
                        .asText())
                .isEqualTo("discarded");
        assertThat(target.has("s1")).isFalse();
    }

    @Test
    void aReplaySinceATimeOrOfAllWorksFromTheCommandLineToo() throws Exception {
        target.refuse("U", 422);
        push("u1", "U");
        awaitDead(1, "key=U");
        target.takeAll();
        String later = Instant.now().plusSeconds(60).toString();

        assertThat(cli("dead", "replay", "--since", later).exitCode()).isEqualTo(1);
        assertThat(cli("dead", "replay").exitCode()).isEqualTo(2);
        Said replay = cli("dead", "replay", "--all", "--rate", "0", "--json");
        assertThat(replay.exitCode()).isZero();
        assertThat(json.readTree(replay.out()).path("replayed").asInt()).isEqualTo(1);
        await(() -> assertThat(target.has("u1")).isTrue());
        awaitDead(0, "key=U");
    }

    @Test
    void deadLettersOfOneCauseAreExportedAndReplayedFromTheCommandLine() throws Exception {
        target.refuse("C-1", 422);
        target.refuse("C-2", 422);
        target.refuse("D", 404);
        push("c1", "C-1");
        push("c2", "C-2");
        push("d1", "D");
        awaitDead(3, "flow=orders");

        JsonNode causes = json.readTree(
                cli("stuck", "--causes", "--flow", "orders", "--json").out());
        assertThat(causes).hasSize(2);
        assertThat(causes.path(0).path("count").asInt()).isEqualTo(2);
        assertThat(causes.path(0).path("keys").asInt()).isEqualTo(2);
        String id = causes.path(0).path("id").asText();
        assertThat(cli("stuck", "--causes").out()).contains(id, "HTTP 422");
        List<String> lines = cli("dead", "export", "--cause", id).out().lines().toList();
        assertThat(lines).hasSize(2).allSatisfy(line -> {
            assertThat(json.readTree(line).path("body").asText()).contains("\"id\":\"c");
            assertThat(json.readTree(line).path("attempts")).hasSize(1);
        });
        assertThat(cli("retry", "--cause", id).exitCode())
                .as("nothing is retrying")
                .isEqualTo(1);
        assertThat(cli("skip", "--target", "none").err()).contains("known are");

        target.takeAll();
        assertThat(cli("dead", "replay", "--cause", id).out()).contains("replayed 2 of 2");
        await(() -> assertThat(target.has("c2")).isTrue());
        awaitDead(1, "flow=orders");
        await(() -> assertThat(cli("dead", "replays").out()).containsPattern("ended +.* +2 +0 +0 +2 +0 "));
    }

    @Test
    void aPausedTargetKeepsItsPlaceUntilItIsResumed() throws Exception {
        assertThat(cli("targets", "pause", "orders/shop", "--reason", "moving").out())
                .contains("orders/shop paused");
        assertThat(shop().path("paused").asBoolean()).isTrue();
        push("p1", "P");
        await(() -> assertThat(shop().path("pending").asInt()).isEqualTo(1));
        assertThat(cli("status").out())
                .containsPattern("orders .*paused")
                .containsPattern("orders/shop is paused since .*: paused by admin: moving");

        assertThat(post("/api/targets/orders/shop/resume", "").statusCode()).isEqualTo(200);
        await(() -> assertThat(target.has("p1")).isTrue());
        assertThat(shop().path("paused").asBoolean()).isFalse();
    }

    @Test
    void aTargetThatCannotBeReachedShowsAsDownEverywhere() throws Exception {
        push("/hooks/away", "a1", "A");
        await(() -> assertThat(of(get("/api/flows"), "away").path("circuit").asText())
                .isNotEqualTo("closed"));

        assertThat(of(get("/api/flows"), "away").path("dead").asInt()).isZero();
        await(() -> assertThat(metrics()).containsPattern("serai_circuit_open\\{flow=\"away\",target=\"nobody\"\\} 1"));
        assertThat(metrics()).containsPattern("serai_oldest_seconds\\{flow=\"away\",target=\"nobody\"\\} [0-9.]*[1-9]");
        assertThat(metrics()).contains("serai_target_state{flow=\"away\",state=\"down\",target=\"nobody\"} 1.0");
        assertThat(cli("status").out())
                .containsPattern("away .*nobody .*down")
                .containsPattern("away/nobody is down since .*: cannot connect");
        await(() -> assertThat(cli("targets").out()).containsPattern("away/nobody .*down"));
    }

    @Test
    void aTargetWhoseRouteRunsIsNotRemoved() throws Exception {
        expectProblem(send("DELETE", "/api/targets/orders/shop", "", token), 409);
        Said said = cli("targets", "remove", "orders/shop");

        assertThat(said.exitCode()).isEqualTo(2);
        assertThat(said.err()).contains("stop its route first");
        assertThat(shop().isMissingNode()).isFalse();
    }

    @Test
    void metricsAndFlowsAgree() throws Exception {
        push("m1", "M");
        push("m1", "M");
        target.refuse("N", 422);
        push("n1", "N");
        awaitDead(1, "key=N");
        await(() -> assertThat(target.has("m1")).isTrue());

        await(() -> {
            JsonNode flow = flow(get("/api/flows"), "orders");
            JsonNode shop = flow.path("targets").path(0);
            String text = metrics();
            assertThat(meter(text, "serai_accepted_total{flow=\"orders\"}"))
                    .isEqualTo(flow.path("accepted").asDouble());
            assertThat(meter(text, "serai_duplicates_total{flow=\"orders\"}"))
                    .isEqualTo(flow.path("duplicates").asDouble())
                    .isPositive();
            assertThat(meter(text, "serai_deliveries_total{flow=\"orders\",outcome=\"delivered\",target=\"shop\"}"))
                    .isEqualTo(shop.path("delivered").asDouble());
            assertThat(meter(text, "serai_delivery_seconds_count{flow=\"orders\",target=\"shop\"}"))
                    .isEqualTo(shop.path("delivered").asDouble());
            assertThat(meter(text, "serai_pending{flow=\"orders\",target=\"shop\"}"))
                    .isZero();
            assertThat(meter(text, "serai_oldest_seconds{flow=\"orders\",target=\"shop\"}"))
                    .isZero();
            assertThat(meter(text, "serai_circuit_open{flow=\"orders\",target=\"shop\"}"))
                    .isZero();
            assertThat(meter(text, "serai_dead{flow=\"orders\",target=\"shop\"}"))
                    .isEqualTo(1);
        });
    }

    @Test
    void statusHasTheLedgersSizeAndTheRoomOnItsDisk() throws Exception {
        JsonNode ledger = get("/api/status").path("ledger");

        assertThat(ledger.path("writable").asBoolean()).isTrue();
        assertThat(ledger.path("bytes").asLong()).isPositive();
        assertThat(ledger.path("freeBytes").asLong()).isPositive();
        assertThat(metrics())
                .containsPattern("serai_ledger_bytes [1-9]")
                .containsPattern("serai_ledger_free_bytes [1-9]");
        assertThat(cli("status").out()).containsPattern("ledger: writable, .* free");
    }

    @Test
    void aSourceThatIsPushedToCountsWhatItAcceptsAndRefuses() throws Exception {
        push("counted", "C");
        push("counted", "C");
        HttpRequest unreadable = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hooks/orders"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":"))
                .build();
        assertThat(http.send(unreadable, BodyHandlers.ofString()).statusCode()).isEqualTo(400);

        JsonNode source = source("in");
        assertThat(source.path("kind").asText()).isEqualTo("push");
        assertThat(source.path("flows").path(0).asText()).isEqualTo("orders");
        assertThat(source.path("accepted").asLong()).isPositive();
        assertThat(source.path("duplicates").asLong()).isPositive();
        assertThat(source.path("refused").path("unreadable").asLong()).isPositive();
        assertThat(source.path("lastGoodAt").isTextual()).isTrue();
        assertThat(source.path("lastError").path("text").asText()).isEqualTo("unreadable (400)");
        assertThat(metrics())
                .containsPattern("serai_source_refused_total\\{reason=\"unreadable\",source=\"in\"} [1-9]");
        assertThat(cli("status").out()).containsPattern("\nin +push");
    }

    private JsonNode source(String name) throws Exception {
        for (JsonNode source : get("/api/status").path("sources")) {
            if (source.path("name").asText().equals(name)) {
                return source;
            }
        }
        throw new AssertionError("no source " + name);
    }

    @Test
    void cursorsAreSetAndListed() throws Exception {
        assertThat(cli("cursors", "set", "api/it", "page 7", "--new").exitCode())
                .isZero();
        assertThat(send("PUT", "/api/cursors/api%2Fit", "{\"value\":\"page 8\"}", token)
                        .statusCode())
                .isEqualTo(200);

        assertThat(get("/api/cursors").findValuesAsText("value")).containsExactly("page 8");
        assertThat(cli("cursors").out()).contains("api/it", "page 8");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/flows",
        "GET, /api/changes?key=T",
        "GET, /api/dead",
        "POST, /api/dead/replay",
        "POST, /api/dead/discard",
        "POST, /api/targets/orders/shop/pause",
        "GET, /api/cursors",
        "PUT, /api/cursors/x",
        "GET, /observe/metrics",
        "GET, /nothing"
    })
    void withoutTheRightTokenOnlyHealthIsAnswered(String method, String path) throws Exception {
        for (String wrong : new String[] {"", "wrong", token + "x"}) {
            expectProblem(send(method, path, "{}", wrong), 401);
        }
        assertThat(send("GET", "/observe/health/live", "", "").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/observe/health/ready", "", "").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/changes?flow=none",
        "GET, /api/changes/orders/999999",
        "GET, /api/changes/none/1",
        "GET, /api/dead?flow=orders&target=none",
        "POST, /api/targets/orders/none/pause",
        "POST, /api/targets/none/shop/resume",
        "DELETE, /api/targets/orders/none",
        "GET, /api/nothing"
    })
    void whatDoesNotExistIsA404(String method, String path) throws Exception {
        expectProblem(send(method, path, "", token), 404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "GET /api/changes?limit=0 -",
                "GET /api/changes?kee=T -",
                "GET /api/changes/orders/one -",
                "GET /api/dead?since=yesterday -",
                "POST /api/dead/replay {",
                "POST /api/dead/replay {\"all\":true,\"rate\":-1}",
                "POST /api/dead/discard {\"kees\":[\"T\"]}",
                "PUT /api/cursors/x {\"value\":7}",
                "PUT /api/cursors/serai:token {\"value\":\"x\"}"
            })
    void whatCannotBeMeantIsA400(String method, String path, String body) throws Exception {
        expectProblem(send(method, path, body.equals("-") ? "" : body, token), 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"targets", "cursors"})
    void forMachinesACommandPrintsWhatTheNodeSays(String command) throws Exception {
        Said said = cli(command, "--json");

        assertThat(said.exitCode()).isZero();
        assertThat(json.readTree(said.out()).isArray()).isTrue();
    }

    @Test
    void theProcessEndsWithTheDocumentedExitCodes() throws Exception {
        assertThat(exitCode("targets", "--url", serai.adminUrl(), "--token-file", tokenFile.toString()))
                .isZero();
        assertThat(exitCode("trace", "nobody", "--url", serai.adminUrl(), "--token-file", tokenFile.toString()))
                .isEqualTo(1);
        assertThat(exitCode("statsu")).isEqualTo(2);
        assertThat(exitCode("status", "--url", "http://127.0.0.1:" + nobody.text()))
                .isEqualTo(3);
    }

    private static int exitCode(String... command) throws InterruptedException {
        try (SeraiProcess process = SeraiProcess.start(folder, List.of(command))) {
            return process.exitCode();
        }
    }

    // ---- Requests

    private long push(String id, String key) throws Exception {
        return push("/hooks/orders", id, key);
    }

    private long push(String path, String id, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"" + id + "\",\"key\":\"" + key + "\",\"n\":1}"))
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return json.readTree(answer.body()).path("sequence").asLong();
    }

    private HttpResponse<String> send(String method, String path, String body, String bearer) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(serai.adminUrl() + path))
                .method(method, BodyPublishers.ofString(body));
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return send("POST", path, body, token);
    }

    private JsonNode get(String path) throws Exception {
        return answer(send("GET", path, "", token));
    }

    private JsonNode answer(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json.readTree(answer.body());
    }

    private void expectProblem(HttpResponse<String> answer, int status) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = json.readTree(answer.body());
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("detail").asText()).isNotBlank();
    }

    /** The only target of a flow. */
    private static JsonNode of(JsonNode flows, String name) {
        return flow(flows, name).path("targets").path(0);
    }

    private static JsonNode flow(JsonNode flows, String name) {
        for (JsonNode flow : flows) {
            if (flow.path("flow").asText().equals(name)) {
                return flow;
            }
        }
        throw new AssertionError("no flow " + name + " in " + flows);
    }

    private JsonNode shop() throws Exception {
        return of(get("/api/flows"), "orders");
    }

    private String metrics() throws Exception {
        HttpResponse<String> answer = send("GET", "/observe/metrics", "", token);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    private static double meter(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + text));
    }

    private void awaitDead(int count, String filter) {
        await(() -> assertThat(get("/api/dead?" + filter)).hasSize(count));
    }

    private static void await(ThrowingRunnable assertion) {
        Awaitility.await().untilAsserted(assertion);
    }

    private Said cli(String... command) {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("--url", serai.adminUrl(), "--token-file", tokenFile.toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Cli.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        return new Said(exitCode, out.toString(), err.toString());
    }
}
