package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.camel.http.RequestHeaders;
import dev.serai.http.TrustedProxies;
import dev.serai.ledger.model.Entry;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.TestKeys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who has sent a request: kept with the change, and limited in how often it may. */
class IngressSenderTest {
    private static final String IN = """
            - route:
                id: in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /in, headers: "Serai-Client,Trace-*" %s }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.k)}" } }
            """;
    private static final String OUT = """
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: t, startFrom: earliest }
                  steps:
                    - to: { uri: "seda:seen" }
            """;

    @TempDir
    private Path folder;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> folder);

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Map<String, Object>> seen = new CopyOnWriteArrayList<>();
    private FlowServer server;

    private void start(String parameters, String trusted) throws Exception {
        FlowServerSettings defaults = FlowServerSettings.of("127.0.0.1", 0);
        server = FlowServer.start(
                runner.context,
                new FlowServerSettings(
                        "127.0.0.1",
                        0,
                        defaults.bodyBytesMax(),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        null,
                        TrustedProxies.of(trusted)));
        runner.context.addRoutePolicyFactory(new RequestHeaders());
        runner.with(IN.formatted(parameters) + OUT, Map.of());
        runner.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:seen")
                        .process(exchange ->
                                seen.add(Map.copyOf(exchange.getMessage().getHeaders())));
                from("platform-http:/own").to("ledger:orders?key=${jq(.k)}");
                from("platform-http:/answering")
                        .process(exchange ->
                                seen.add(new TreeMap<>(exchange.getMessage().getHeaders())))
                        .setHeader("X-Own", constant("set by the route"))
                        .setBody(constant("<b>"));
            }
        });
        runner.start();
    }

    private HttpResponse<String> post(String... headers) throws Exception {
        return postTo("/in", headers);
    }

    private HttpResponse<String> postTo(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Patience.MAX)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"k\":\"a\"}"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private Map<String, Long> refused() {
        return SourceRegistry.of(runner.context).reports().get(0).refused();
    }

    @Test
    void theClientsAddressIsKeptWithTheChangeAndSentToNoTarget() throws Exception {
        start("", "127.0.0.1");

        post("X-Forwarded-For", "203.0.113.7", "Serai-Client", "forged", "Trace-Id", "t1");

        Entry kept = runner.onlyAccepted("orders");
        assertThat(kept.change().client()).isEqualTo("203.0.113.7");
        assertThat(kept.change().passedHeaders())
                .containsEntry("Trace-Id", "t1")
                .doesNotContainKeys("Serai-Client", "serai-client");
        await().until(() -> !seen.isEmpty());
        assertThat(seen.get(0)).containsEntry("Trace-Id", "t1");
        assertThat(seen.get(0).toString()).doesNotContain("203.0.113.7", "forged");
    }

    @Test
    void withoutTrustedProxiesTheAddressIsThatOfTheConnection() throws Exception {
        start("", "");

        post("X-Forwarded-For", "203.0.113.7");

        assertThat(runner.onlyAccepted("orders").change().client()).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 203.0.113.7", "192.0.2.1, 127.0.0.1"})
    void aChangeOfAPlatformHttpRouteHasTheSameClient(String trusted, String client) throws Exception {
        start("", trusted);

        postTo("/own", "X-Forwarded-For", "198.51.100.1, 203.0.113.7", "Serai-Client", "forged");

        Entry kept = runner.onlyAccepted("orders");
        assertThat(kept.change().client()).isEqualTo(client);
        assertThat(kept.change().passedHeaders()).doesNotContainKeys("Serai-Client", "serai-client");
    }

    @Test
    void noSecretAndNothingThatSteersCamelGetsFromAPlatformHttpRouteIntoTheLedger() throws Exception {
        start("", "");

        postTo(
                "/own?token=t0&CamelLedgerKey=forged&kafka.KEY=forged",
                "Cookie",
                "session=s0",
                "Authorization",
                "Bearer b0",
                "X-Api-Key",
                "k0",
                "cAmElLedgerId",
                "forged",
                "Trace-Id",
                "t1");

        Entry kept = runner.onlyAccepted("orders");
        assertThat(kept.change().key()).isEqualTo("a");
        assertThat(kept.change().passedHeaders()).containsEntry("Trace-Id", "t1");
        assertThat(kept.change().passedHeaders().toString()).doesNotContain("t0", "s0", "b0", "k0", "forged");
    }

    @Test
    void theAnswerOfAPlatformHttpRouteHasOnlyTheHeadersThatTheRouteSets() throws Exception {
        start("", "");

        HttpResponse<String> answer =
                postTo("/answering?Set-Cookie=a%3Db&Location=//h/&X-Own=asked", "X-Mine", "1", "Trace-Id", "t1");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().map()).doesNotContainKeys("set-cookie", "location", "x-mine", "trace-id");
        assertThat(answer.headers().allValues("x-own")).containsExactly("set by the route");
        assertThat(seen.get(0)).containsEntry("X-Mine", "1").containsEntry("Trace-Id", "t1");

        HttpRequest get = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/answering?Content-Type=text/html"))
                .timeout(Patience.MAX)
                .build();
        assertThat(client.send(get, BodyHandlers.ofString()).headers().map()).doesNotContainKey("content-type");
    }

    @Test
    void aSenderBeyondItsRateIsToldToWaitAndOthersAreNot() throws Exception {
        start(", ratePerSender: 0.01", "127.0.0.1");

        assertThat(post("X-Forwarded-For", "203.0.113.7").statusCode()).isEqualTo(202);
        HttpResponse<String> refused = post("X-Forwarded-For", "203.0.113.7");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(90L, 100L);
        assertThat(post("X-Forwarded-For", "203.0.113.8").statusCode()).isEqualTo(202);

        assertThat(refused()).containsOnly(Map.entry("sender rate", 1L));
    }

    @Test
    void aPathBeyondItsRateRefusesEverybody() throws Exception {
        start(", rate: 0.01", "127.0.0.1");

        assertThat(post("X-Forwarded-For", "203.0.113.7").statusCode()).isEqualTo(202);
        HttpResponse<String> refused = post("X-Forwarded-For", "203.0.113.8");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("This path gets more requests a second");

        assertThat(refused()).containsOnly(Map.entry("rate", 1L));
    }

    @Test
    void aRateThatIsNoneIsRefused() {
        assertThatThrownBy(() -> start(", rate: -1", ""))
                .hasStackTraceContaining(
                        "rate of ingress:/in must be a number of requests a second from 0 on, not -1.0");
    }

    @Test
    void aDemandForCertificatesWithoutTlsIsRefused() throws Exception {
        Path pem = TestKeys.create(folder, "any").certificate();
        assertThatThrownBy(() -> start(", trustedCertificates: \"" + pem + "\"", ""))
                .hasStackTraceContaining("trustedCertificates of ingress:/in needs TLS on the flows' port");
    }
}
