package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.NamedTokens;
import dev.serai.admin.console.AllowedHosts;
import dev.serai.admin.console.TokenGuesses;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import dev.serai.http.CertificateFiles;
import dev.serai.http.ServerTls;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.CapturedLog;
import dev.serai.support.Patience;
import dev.serai.support.RequestFuzz;
import dev.serai.support.TestKeys;
import dev.serai.support.WriterEnding;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
    private static final String TOKEN = "test-only-token-0123456789";
    /** In thousands of bytes: more than fits into the kernel's buffers. */
    private static final int SENDS_MAX = 32_000;

    private static final long BUDGET = 1 << 20;

    private static final Clock CLOCK = Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC);

    private final JsonMapper json = new JsonMapper();
    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestLedger history = TestLedger.withSomeHistory();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final FlowMeters meters = new FlowMeters(registry, history.ledger, CLOCK);
    private final ByteBudget budget = new ByteBudget(BUDGET);
    private final AdminServer server = server(0);

    private AdminServer server(int port) {
        camel.getRegistry().bind("byteBudget", budget);
        return new AdminServer(
                vertx,
                "127.0.0.1",
                port,
                new AdminToken(TOKEN),
                new NamedTokens(null),
                history.ledger,
                camel,
                () -> {
                    meters.refresh();
                    return registry.scrape();
                },
                CLOCK,
                null);
    }

    private AdminServer impatientServer() {
        return new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(null),
                history.ledger,
                camel,
                registry::scrape,
                CLOCK,
                null,
                AllowedHosts.of("127.0.0.1", null),
                Duration.ofMillis(200),
                Duration.ofMillis(200));
    }

    @BeforeEach
    void start() throws IOException {
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/api/flows",
                "//api/flows",
                "/api//flows",
                "/api/flows/",
                "/api/../api/flows",
                "/./api/flows",
                "/%61pi/flows",
                "/api%2fflows",
                "/api/flows;a=b",
                "/API/flows",
                "/api/changes?key=A-1",
                "/api/dead",
                "/api/cursors",
                "/observe/metrics",
                "/observe/health/../../api/flows",
                "/observe/health/live/../../../api/flows",
                "/observe/health/%2e%2e/%2e%2e/api/flows",
                "/observe/health/..;/..;/api/flows",
                "/observe//health/live",
                "/observe/health/live/",
                "/observe/healthy",
                "/observe/health/live%2f..%2f..%2f..%2fapi%2fflows",
                "/nothing/here",
                "http://127.0.0.1/api/flows",
                "*",
            })
    void withoutTheTokenEveryPathButHealthIsRefused(String target) throws IOException {
        for (String method : List.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "ANY")) {
            String answer = raw(
                    method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

            assertThat(answer).as(method).startsWith("HTTP/1.1 401 ").containsIgnoringCase("www-authenticate: Bearer");
            assertThat(answer).as(method).doesNotContain("accepted", "serai_");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer",
                "Authorization: Bearer ",
                "Authorization: Bearer wrong",
                "Authorization: Bearer " + TOKEN + "x",
                "Authorization: " + TOKEN,
                "Authorization: Basic " + TOKEN,
                "Authorization: Bearer " + TOKEN + "\r\nAuthorization: Bearer wrong",
                "X-Authorization: Bearer " + TOKEN,
                "Cookie: Authorization=Bearer " + TOKEN,
            })
    void nothingButTheExactTokenOpens(String header) throws IOException {
        assertThat(raw("GET /api/flows HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n\r\n"))
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void itSpeaksTlsAndShowsACertificateThatHasExpired(@TempDir Path folder) throws Exception {
        TestKeys keys = TestKeys.create(folder, "admin");
        CertificateFiles files = CertificateFiles.of(
                "serai.admin.tls", keys.certificate().toString(), keys.key().toString(), null, null);
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(3));
        ServerTls tls = ServerTls.open("admin", files, vertx, later);
        camel.getRegistry().bind("adminTls", tls);
        try (AdminServer secured = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(null),
                history.ledger,
                camel,
                registry::scrape,
                CLOCK,
                tls)) {
            secured.start();
            HttpClient client =
                    HttpClient.newBuilder().sslContext(keys.trusting(null)).build();

            JsonNode status = json.readTree(ask(client, secured, "/api/status").body());
            assertThat(status.path("ok").asBoolean()).isFalse();
            assertThat(status.path("tls").path(0).path("port").asText()).isEqualTo("admin");
            assertThat(status.path("tls").path(0).path("trouble").asText()).contains("has expired at");
            HttpResponse<String> ready = ask(client, secured, "/observe/health/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("\"tls:admin\"", "has expired at");
        }
    }

    private static HttpResponse<String> ask(HttpClient client, AdminServer server, String path) throws Exception {
        URI uri = URI.create("https://localhost:" + server.port() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + TOKEN)
                .timeout(Patience.MAX)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    @Test
    void anUnauthorizedSenderThatKeepsSendingIsDisconnected() throws IOException {
        assertThat(raw("POST /api/dead/discard HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n{"))
                .startsWith("HTTP/1.1 401 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET ?/api/status", "GET api/status", "GET ?", "OPTIONS *"})
    void anAddressThatIsNoPathIsRefused(String line) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            String request = line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer "
                    + TOKEN + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /?%s",
                "GET / HTTP/1.1\r\nHost: h\r\nX-A: %s",
                "PUT /api/cursors/c HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n2;%s",
                "PUT /api/cursors/c HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-A: %s",
            })
    void whatHasNoEndIsCut(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.formatted("").getBytes(StandardCharsets.UTF_8));
            byte[] more = "a".repeat(1_000).getBytes(StandardCharsets.UTF_8);

            assertThatThrownBy(() -> {
                        for (int i = 0; i < SENDS_MAX; i++) {
                            out.write(more);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/%zz HTTP/1.1\r\nHost: h",
                "GET /api/changes/% HTTP/1.1\r\nHost: h",
                "GET /api/changes?key=%zz HTTP/1.1\r\nHost: h",
                "GET /api/flows HTTP/1.1",
                "GET /api/flows HTTP/1.0",
                "GET /api/flows HTTP/1.1\r\nHost: a b/c",
                "GET /observe/health/live HTTP/1.0",
            })
    void aMalformedRequestIsTheSendersFault(String request) throws IOException {
        try (CapturedLog log = new CapturedLog(AdminReplies.class)) {
            assertThat(raw(request + "\r\nConnection: close\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n"))
                    .containsPattern("^HTTP/1.[01] 400 ")
                    .contains("application/problem+json");
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void noMutatedRequestIsTheServersFault() throws Exception {
        String end = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer " + TOKEN + "\r\n";
        String body = "{\"flow\":\"orders\",\"since\":\"2026-01-31T08:00:00Z\",\"rate\":1.5,\"dryRun\":true}";
        AdminServer impatient = impatientServer();
        impatient.start();
        try (CapturedLog log = new CapturedLog(AdminReplies.class)) {
            assertThat(new RequestFuzz()
                            .failures(
                                    impatient.port(),
                                    List.of(
                                            "GET /api/changes?flow=orders&key=A-1&limit=5" + end + "\r\n",
                                            "GET /api/flows/orders/changes/1" + end + "\r\n",
                                            "GET /api/dead?flow=orders&limit=5&since=2026-01-31T08:00:00Z" + end
                                                    + "\r\n",
                                            "GET /observe/health/live" + end + "\r\n",
                                            "POST /api/dead/replay" + end + "Content-Length: " + body.length()
                                                    + "\r\n\r\n" + body)))
                    .isEmpty();
            assertThat(log.lines()).isEmpty();
        } finally {
            impatient.close();
        }
    }

    @Test
    void guessesOfTheTokenAreSlowedDownAndLogged() throws Exception {
        try (CapturedLog log = new CapturedLog(TokenGuesses.class)) {
            HttpRequest guess = HttpRequest.newBuilder(uri("/api/flows"))
                    .header("Authorization", "Bearer a-guess")
                    .build();
            for (int i = 0; i < 20; i++) {
                assertThat(http.send(guess, BodyHandlers.ofString()).statusCode())
                        .isEqualTo(401);
            }
            HttpResponse<String> late = http.send(guess, BodyHandlers.ofString());
            assertThat(late.statusCode()).isEqualTo(429);
            assertThat(late.headers().firstValue("Retry-After")).hasValue("60");

            assertThat(get("/api/flows").statusCode()).isEqualTo(200);
            assertThat(log.lines()).hasSize(2);
        }
    }

    @Test
    void aTokenInTheQueryIsIgnored() throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(uri("/api/flows?token=" + TOKEN + "&access_token=" + TOKEN))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void everyAnswerCarriesTheSecurityHeadersAndNoCors() throws Exception {
        for (String path : List.of("/api/flows", "/observe/health/live", "/observe/metrics", "/nothing")) {
            HttpResponse<String> answer = get(path);

            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
            assertThat(answer.headers().firstValue("X-Frame-Options")).hasValue("DENY");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .startsWith("default-src 'none'");
            assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
        }
    }

    @Test
    void flowsShowTheirTargets() throws Exception {
        JsonNode flows = json.readTree(get("/api/flows").body());

        assertThat(flows).hasSize(1);
        assertThat(names(flows.get(0))).containsExactly("flow", "accepted", "duplicates", "targets");
        assertThat(flows.get(0).path("accepted").asLong()).isEqualTo(3);
        assertThat(flows.get(0).path("duplicates").asLong()).isEqualTo(1);
        JsonNode erp = flows.get(0).path("targets").get(0);
        assertThat(names(erp))
                .containsExactly(
                        "target",
                        "position",
                        "pending",
                        "delivering",
                        "retrying",
                        "waiting",
                        "blocked",
                        "parked",
                        "dead",
                        "delivered",
                        "oldestSeconds",
                        "circuit",
                        "paused",
                        "reason",
                        "since",
                        "timedOut");
        assertThat(erp.path("target").asText()).isEqualTo("erp");
        assertThat(erp.path("pending").asLong()).isEqualTo(1);
        assertThat(erp.path("retrying").asLong()).isEqualTo(1);
        assertThat(erp.path("waiting").asLong()).isEqualTo(1);
        assertThat(erp.path("oldestSeconds").asDouble()).isEqualTo(50);
        assertThat(erp.path("circuit").asText()).isEqualTo("closed");
    }

    @Test
    void changesOfAKeyComeNewestFirstWithTheirDeliveries() throws Exception {
        JsonNode changes = json.readTree(get("/api/changes?flow=orders&key=A-1").body());

        assertThat(changes).hasSize(2);
        assertThat(names(changes.get(0)))
                .containsExactly("flow", "sequence", "id", "key", "version", "operation", "acceptedAt", "deliveries");
        assertThat(changes.get(0).path("id").asText()).isEqualTo("e2");
        assertThat(changes.get(0).path("acceptedAt").asText()).isEqualTo("2026-01-31T08:00:10.000Z");
        assertThat(changes.get(0).path("operation").asText()).isEqualTo("upsert");
        JsonNode erp = changes.get(0).path("deliveries").get(0);
        assertThat(names(erp)).containsExactly("target", "state", "attempts", "dueAt", "finishedAt", "status", "error");
        assertThat(erp.path("state").asText()).isEqualTo("retrying");
        assertThat(erp.path("dueAt").asText()).isEqualTo("2026-01-31T09:00:00.000Z");
        assertThat(erp.path("finishedAt").isNull()).isTrue();

        assertThat(json.readTree(get("/api/changes?id=e1").body())).hasSize(1);
        assertThat(json.readTree(get("/api/changes?limit=1").body())).hasSize(1);
        assertThat(json.readTree(get("/api/changes?key=none").body())).isEmpty();
    }

    @Test
    void oneChangeIsShownWholeWithEveryAttempt() throws Exception {
        JsonNode change =
                json.readTree(get("/api/changes/orders/" + history.delivered).body());

        assertThat(change.path("headers").path("X-Trace").asText()).isEqualTo("t-e1");
        assertThat(change.path("body").asText()).isEqualTo("{\"total\":\"5 €\"}");
        assertThat(change.has("bodyBase64")).isFalse();
        assertThat(change.has("traceId")).isFalse();
        assertThat(change.path("attempts")).hasSize(2);
        assertThat(names(change.path("attempts").get(0)))
                .containsExactly("target", "number", "at", "status", "error", "request", "answer");
        assertThat(change.path("attempts").get(0).path("request").asText())
                .isEqualTo("POST https://erp.example/payments\n\n{\"total\":\"5 €\"}");
    }

    @Test
    void aBodyThatIsNotTextIsShownInBase64() throws Exception {
        JsonNode change =
                json.readTree(get("/api/changes/orders/" + history.pending).body());

        assertThat(change.path("bodyBase64").asText()).isEqualTo("/wAb");
        assertThat(change.path("traceId").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(change.has("body")).isFalse();
        assertThat(change.path("operation").asText()).isEqualTo("delete");
        assertThat(change.path("version").isNull()).isTrue();
        assertThat(change.path("deliveries").get(0).path("state").asText()).isEqualTo("pending");
    }

    @Test
    void anUnknownNameIsReportedWithTheKnownNames() throws Exception {
        assertProblem(get("/api/changes/invoices/1"), 404, "known are orders");
        assertProblem(get("/api/changes?flow=invoices"), 404, "known are orders");
        assertProblem(get("/api/changes/orders/9999"), 404, "no change 9999");
        assertProblem(get("/api/dead?flow=orders&target=crm"), 404, "known are erp, shop");
        assertProblem(send("POST", "/api/targets/orders/crm/pause", ""), 404, "known are erp, shop");
        assertProblem(get("/api/nothing"), 404, "/api/flows");
        assertProblem(send("DELETE", "/api/flows", ""), 405, "method");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/changes?limit=0",
                "/api/changes?limit=1001",
                "/api/changes?limit=many",
                "/api/changes?limit=1&limit=2",
                "/api/changes?kee=A-1",
                "/api/changes/orders/first",
                "/api/dead?since=yesterday",
                "/api/dead?sequence=x",
                "/api/dead?targt=erp",
            })
    void aQueryThatCannotBeMeantIsRefused(String path) throws Exception {
        assertProblem(get(path), 400, "");
    }

    @Test
    void deadLettersAreListedByFilter() throws Exception {
        JsonNode dead = json.readTree(get("/api/dead").body());

        assertThat(dead).hasSize(1);
        assertThat(names(dead.get(0)))
                .containsExactly(
                        "flow",
                        "target",
                        "sequence",
                        "id",
                        "key",
                        "version",
                        "operation",
                        "acceptedAt",
                        "attempts",
                        "diedAt",
                        "status",
                        "error");
        assertThat(dead.get(0).path("target").asText()).isEqualTo("shop");
        assertThat(dead.get(0).path("diedAt").asText()).isEqualTo("2026-01-31T08:00:03.000Z");

        assertThat(json.readTree(
                        get("/api/dead?error=unavailable&key=A-1&key=B-7").body()))
                .hasSize(1);
        assertThat(json.readTree(get("/api/dead?target=erp").body())).isEmpty();
        assertThat(json.readTree(
                        get("/api/dead?since=2026-01-31T09:00:04%2B01:00").body()))
                .isEmpty();
        assertThat(json.readTree(get("/api/dead?after=" + history.delivered).body()))
                .isEmpty();
    }

    @Test
    void aDryRunReplaysNothingAndAReplayRunsOnce() throws Exception {
        String filter = "\"flow\":\"orders\",\"keys\":[\"A-1\"]";

        JsonNode dry = json.readTree(send("POST", "/api/dead/replay", "{" + filter + ",\"dryRun\":true}")
                .body());
        assertThat(dry.path("matched").asInt()).isEqualTo(1);
        assertThat(dry.path("replayed").asInt()).isZero();
        assertThat(json.readTree(get("/api/dead").body())).hasSize(1);

        JsonNode done = json.readTree(send("POST", "/api/dead/replay", "{" + filter + ",\"rate\":1000}")
                .body());
        assertThat(done.path("matched").asInt()).isEqualTo(1);
        assertThat(done.path("replayed").asInt()).isEqualTo(1);
        assertThat(json.readTree(get("/api/dead").body())).isEmpty();
        JsonNode again = json.readTree(
                send("POST", "/api/dead/replay", "{" + filter + "}").body());
        assertThat(again.path("matched").asInt()).isZero();
    }

    @Test
    void allDeadLettersAreSelectedOnlyWithAll() throws Exception {
        for (String body : List.of("", "{}", "{\"keys\":[]}", "{\"all\":false}", "{\"rate\":5}")) {
            assertProblem(send("POST", "/api/dead/discard", body), 422, "\"all\":true");
        }
        JsonNode done = json.readTree(
                send("POST", "/api/dead/discard", "{\"all\":true}").body());
        assertThat(done.path("matched").asInt()).isEqualTo(1);
        assertThat(done.path("discarded").asInt()).isEqualTo(1);
        assertThat(json.readTree(get("/api/dead").body())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"all\":true",
                "{\"all\":true}}",
                "[]",
                "\"all\"",
                "null",
                "{\"all\":\"true\"}",
                "{\"all\":1}",
                "{\"all\":true,\"al\":false}",
                "{\"all\":false,\"all\":true}",
                "{\"all\":true,\"rate\":-1}",
                "{\"all\":true,\"rate\":1e999}",
                "{\"all\":true,\"rate\":\"5\"}",
                "{\"keys\":\"A-1\"}",
                "{\"keys\":[1]}",
                "{\"keys\":[null]}",
                "{\"sequences\":[1.5]}",
                "{\"sequences\":[99999999999999999999]}",
                "{\"since\":\"now\"}",
                "{\"flow\":5}",
            })
    void anOrderThatCannotBeMeantIsRefusedAndChangesNothing(String body) throws Exception {
        assertProblem(send("POST", "/api/dead/discard", body), 400, "");
        assertThat(json.readTree(get("/api/dead").body())).hasSize(1);
    }

    @Test
    void aCursorIsMovedOrCreated() throws Exception {
        assertThat(send("PUT", "/api/cursors/orders-pull", "{\"value\":\"page-9\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(send("PUT", "/api/cursors/a%2Fb%20c", "{\"value\":\"1\",\"new\":true}")
                        .statusCode())
                .isEqualTo(201);
        assertProblem(
                send("PUT", "/api/cursors/order-pull", "{\"value\":\"1\"}"),
                404,
                "there is no cursor order-pull, perhaps orders-pull is meant: known are a/b c, orders-pull");

        JsonNode cursors = json.readTree(get("/api/cursors").body());
        assertThat(cursors.findValuesAsText("name")).containsExactlyInAnyOrder("orders-pull", "a/b c");
        assertThat(cursors.findValuesAsText("value")).containsExactlyInAnyOrder("page-9", "1");
        assertThat(names(cursors.get(0))).containsExactly("name", "value", "savedAt");

        assertProblem(send("PUT", "/api/cursors/orders-pull", "{\"value\":9}"), 400, "value must be text");
        assertProblem(send("PUT", "/api/cursors/orders-pull", "{}"), 400, "value is missing");
        assertProblem(send("PUT", "/api/cursors/orders-pull", "{\"valu\":\"9\"}"), 400, "unknown field valu");
    }

    @Test
    void aTargetIsPausedAndResumed() throws Exception {
        assertThat(send("POST", "/api/targets/orders/erp/pause", "").body())
                .isEqualTo("{\"flow\":\"orders\",\"target\":\"erp\",\"paused\":true}");
        assertThat(get("/api/flows").body()).contains("\"paused\":true");
        send("POST", "/api/targets/orders/erp/resume", "");
        assertThat(get("/api/flows").body()).doesNotContain("\"paused\":true");
    }

    @Test
    void aTargetIsRemoved() throws Exception {
        assertProblem(send("DELETE", "/api/targets/orders/none", ""), 404, "known are erp, shop");
        assertThat(send("DELETE", "/api/targets/orders/shop", "").body())
                .isEqualTo("{\"flow\":\"orders\",\"target\":\"shop\",\"removed\":true}");

        assertProblem(send("DELETE", "/api/targets/orders/shop", ""), 404, "known are erp");
        assertThat(json.readTree(get("/api/dead").body())).isEmpty();
        assertThat(get("/observe/metrics").body()).doesNotContain("shop");
    }

    @Test
    void aTargetWhoseRouteRunsIsNotRemoved() throws Exception {
        history.subscribe(TestLedger.SHOP);

        assertProblem(send("DELETE", "/api/targets/orders/shop", ""), 409, "stop its route first");
        assertThat(get("/api/flows").body()).contains("shop");
    }

    @Test
    void aBodyLargerThanTheLimitIsRefused() throws Exception {
        String large = "{\"all\":true,\"error\":\"" + "x".repeat(AdminServer.BODY_BYTES_MAX) + "\"}";

        assertProblem(send("POST", "/api/dead/discard", large), 413, "larger than");
        assertThat(json.readTree(get("/api/dead").body())).hasSize(1);
    }

    @Test
    void curlsDefaultContentTypeIsAccepted() throws Exception {
        HttpResponse<String> answer = http.send(
                request("/api/dead/replay")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("{\"all\":true,\"dryRun\":true}"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.body()).contains("\"matched\":1");
    }

    @Test
    void answersThatArePilingUpAreRefusedAndAskedForAgain() throws Exception {
        assertThat(get("/api/changes?limit=2").statusCode()).isEqualTo(200);
        await().atMost(Patience.MAX).until(() -> budget.taken() == 0);
        assertThat(budget.take(BUDGET - 10)).isTrue(); // as if peers had not read their answers

        for (String path : List.of("/api/changes", "/api/changes/orders/" + history.delivered, "/api/dead")) {
            HttpResponse<String> refused = get(path);
            assertThat(refused.statusCode()).as(path).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
        }
        assertThat(get("/api/flows").statusCode()).isEqualTo(200);
        budget.back(BUDGET - 10);
        assertThat(get("/api/dead").statusCode()).isEqualTo(200);
        await().atMost(Patience.MAX).until(() -> budget.taken() == 0);
    }

    @Test
    void damageIsToldByApiHealthAndMetrics() throws Exception {
        assertThat(get("/api/damage").body()).isEqualTo("{\"count\":0,\"since\":null,\"latest\":null,\"text\":null}");

        String latest = "corrupt: checksum of change 5 does not match";
        history.store.setDamage(new Store.Damage(2, TestLedger.START, latest));
        JsonNode damage = json.readTree(get("/api/damage").body());
        assertThat(damage.path("count").asInt()).isEqualTo(2);
        assertThat(damage.path("since").asText()).isEqualTo("2026-01-31T08:00:00.000Z");
        assertThat(damage.path("latest").asText()).isEqualTo(latest);
        assertThat(damage.path("text").asText())
                .contains("2 found since 2026-01-31T08:00:00Z", latest, "serai dead list");
        assertThat(open("/observe/health/ready").body()).contains("\"name\":\"damage\",\"status\":\"UP\"", latest);
        assertThat(get("/observe/metrics").body()).contains("serai_ledger_damage_total 2.0");
    }

    @Test
    void aClockThatWasSetIsToldByApiHealthAndMetrics() throws Exception {
        assertThat(json.readTree(get("/api/clock").body()).path("step").isNull())
                .isTrue();
        assertThat(get("/observe/metrics").body()).contains("serai_clock_steps_total 0.0");

        history.setClock(Duration.ofHours(-1));
        JsonNode clock = json.readTree(get("/api/clock").body());
        assertThat(clock.at("/step/seconds").asDouble()).isEqualTo(-3600);
        assertThat(clock.at("/step/at").asText()).isEqualTo("2026-01-31T07:00:30.000Z");
        assertThat(clock.at("/step/text").asText()).contains("set back by 3600 s");
        assertThat(clock.path("steps").asInt()).isEqualTo(1);
        assertThat(open("/observe/health/ready").body())
                .contains("\"name\":\"clock\",\"status\":\"UP\"", "set back by 3600 s");
        assertThat(get("/observe/metrics").body())
                .contains("serai_clock_steps_total 1.0", "serai_clock_step_seconds -3600.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-300", "-1", "1e300", "1e400", "0.0001"})
    void aReplayAtARateThatCannotBeKeptIsRefusedAndTheLedgerWritesOn(String rate) throws Exception {
        assertProblem(send("POST", "/api/dead/replay", "{\"all\":true,\"rate\":" + rate + "}"), 400, "rate must be");

        assertThat(send("POST", "/api/targets/orders/erp/pause", "").statusCode())
                .isLessThan(300);
        assertThat(open("/observe/health/ready").body()).contains("\"name\":\"ledger\",\"status\":\"UP\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "\"50\"", "{}"})
    void aRateThatIsNoNumberIsRefused(String rate) throws Exception {
        HttpResponse<String> answer = send("POST", "/api/dead/replay", "{\"all\":true,\"rate\":" + rate + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    }

    @Test
    void aTimeTheLedgerCannotHoldIsRefused() throws Exception {
        for (String time : List.of("+999999999-12-31T23:59:59Z", "-999999999-01-01T00:00:00Z")) {
            assertProblem(
                    send("POST", "/api/dead/replay", "{\"since\":\"" + time + "\",\"dryRun\":true}"), 400, "RFC 3339");
            assertProblem(get("/api/dead?since=" + time.replace("+", "%2B")), 400, "RFC 3339");
        }
    }

    @Test
    void aNodeWhoseWriterEndedIsNotLiveAndAcceptsNothing() throws Exception {
        history.subscribe(TestLedger.NEW, new WriterEnding.BrokenCircuit());
        WriterEnding.acceptUntilTheEnd(history.ledger, TestLedger.NEW.flow());
        assertThat(history.ledger.writerEnd().get(120, TimeUnit.SECONDS)).contains(WriterEnding.REASON);

        HttpResponse<String> live = open("/observe/health/live");
        assertThat(live.statusCode()).isEqualTo(503);
        assertThat(live.body()).contains("\"status\":\"DOWN\"", WriterEnding.REASON);
        assertThat(history.ledger.accept(TestLedger.change("late"))).isCompletedExceptionally();
        assertThat(send("POST", "/api/targets/orders/erp/pause", "").statusCode())
                .isEqualTo(503);
    }

    @Test
    void aNodeIsNotLiveAfterATaskOfATargetEndedWithAnError() throws Exception {
        TargetName withBacklog =
                new TargetName("orders", "erp"); // it is read by the scheduler, and no change is accepted
        history.subscribe(withBacklog, new WriterEnding.BrokenCircuit());
        assertThat(history.ledger.writerEnd().get(120, TimeUnit.SECONDS)).contains(WriterEnding.REASON);

        HttpResponse<String> live = open("/observe/health/live");
        assertThat(live.statusCode()).isEqualTo(503);
        assertThat(live.body()).contains("\"status\":\"DOWN\"", WriterEnding.REASON);
    }

    @Test
    void healthNeedsNoTokenAndNamesWhatIsDown() throws Exception {
        HttpResponse<String> live = open("/observe/health/live");
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(json.readTree(live.body()).path("status").asText()).isEqualTo("UP");

        HttpResponse<String> ready = open("/observe/health/ready");
        assertThat(ready.body()).contains("\"name\":\"ledger\",\"status\":\"UP\"");
        assertThat(ready.statusCode()).isEqualTo(200);

        camel.stop();
        HttpResponse<String> stopped = open("/observe/health/ready");
        assertThat(stopped.statusCode()).isEqualTo(503);
        assertThat(json.readTree(stopped.body()).path("status").asText()).isEqualTo("DOWN");
        assertThat(open("/observe/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsShowFlowsAndDeliveries() throws Exception {
        meters.delivered(TestLedger.ERP, DeliveryState.DELIVERED, Duration.ofMillis(20));
        meters.delivered(TestLedger.ERP, DeliveryState.WAITING, Duration.ofMillis(20));

        String text = get("/observe/metrics").body();

        assertThat(text)
                .contains("serai_accepted_total{flow=\"orders\"} 3.0")
                .contains("serai_pending{flow=\"orders\",target=\"erp\"} 1.0")
                .contains("serai_retrying{flow=\"orders\",target=\"erp\"} 1.0")
                .contains("serai_waiting{flow=\"orders\",target=\"erp\"} 1.0")
                .contains("serai_blocked{flow=\"orders\",target=\"erp\"} 0.0")
                .contains("serai_oldest_seconds{flow=\"orders\",target=\"erp\"} 50.0")
                .contains("serai_circuit_open{flow=\"orders\",target=\"erp\"} 0.0")
                .contains("serai_deliveries_total{flow=\"orders\",outcome=\"retrying\",target=\"erp\"} 1.0")
                .contains("serai_delivery_seconds_count{flow=\"orders\",target=\"erp\"} 1");
    }

    @Test
    void aTakenPortIsNamed() {
        AdminServer second = server(server.port());

        assertThatThrownBy(second::start)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + server.port());
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private void assertProblem(HttpResponse<String> answer, int status, String detail) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = json.readTree(answer.body());
        assertThat(names(problem)).containsExactly("type", "title", "status", "detail");
        assertThat(problem.path("detail").asText()).contains(detail).isNotEmpty();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> open(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(
                request(path).method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + TOKEN);
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    /** Sends raw bytes, because HTTP clients normalise paths, and reads until the server closes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /observe/health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ",
                "POST /api/targets/orders/erp/pause HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nContent-Length: 60000\r\n\r\n",
            })
    void aPeerThatSendsItsRequestByteByByteIsClosed(String begun) throws IOException {
        try (AdminServer impatient = impatientServer()) {
            impatient.start();
            try (Socket socket = new Socket("127.0.0.1", impatient.port())) {
                socket.setSoTimeout(10);
                socket.getOutputStream().write(begun.getBytes(StandardCharsets.UTF_8));

                assertThat(isClosedWhileSending(socket)).isTrue();
            }
        }
    }

    /** Sends a byte after each short time without an answer. */
    private static boolean isClosedWhileSending(Socket socket) {
        long end = System.nanoTime() + Patience.MAX.toNanos();
        while (System.nanoTime() < end) {
            try {
                socket.getOutputStream().write('a');
                if (socket.getInputStream().read() < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                continue;
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(Patience.MAX_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.UTF_8));
            out.flush();
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            in.transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
