package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookSourceTest {
    /** A test key with what URIs give a meaning to. */
    private static final String SECRET = "a+b/c=%41&d?e#f g";

    private static final String ROUTE = """
            - route:
                from:
                  uri: kamelet:webhook-source
                  parameters:
                    path: /hooks/orders
            %s
                  steps:
                    - to:
                        uri: ledger:orders
                        parameters:
                          key: "${jq(.id)}"
            """;
    private static final byte[] BODY = "{ \"id\": \"ä\" }".getBytes(UTF_8);

    @TempDir
    private Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private KameletRunner runner;
    private FlowServer server;

    @BeforeEach
    void prepare() throws Exception {
        runner = new KameletRunner(data);
        server = FlowServer.start(runner.context, FlowServerSettings.of("127.0.0.1", 0));
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    private void start(String parameters) throws Exception {
        runner.with(ROUTE.formatted(parameters.indent(8).stripTrailing()), Map.of("my.secret", SECRET))
                .start();
    }

    private HttpResponse<String> post(Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/hooks/orders"))
                .timeout(Patience.MAX)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(BODY));
        headers.forEach(request::header);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private Entry only() {
        List<Entry> entries = runner.ledger().changes(new ChangeQuery("orders", null, null, 10));
        assertThat(entries).hasSize(1);
        return runner.ledger().change("orders", entries.get(0).sequence()).orElseThrow();
    }

    @Test
    void aWebhookIsAnsweredWithItsReceiptAndKeptAsItCame() throws Exception {
        start("headers: Shop-*");

        HttpResponse<String> answer =
                post(Map.of("Shop-Region", "eu", "Authorization", "Bearer hidden", "CamelHttpUri", "http://evil"));

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).contains("\"flow\":\"orders\"", "\"sequence\":", "\"duplicate\":false");
        assertThat(only().change().body()).isEqualTo(BODY);
        assertThat(only().change().key()).isEqualTo("ä");
        assertThat(only().change().headers().keySet().stream().map(String::toLowerCase))
                .containsExactly("shop-region");
    }

    @Test
    void aSignatureInAHeaderOfAnyNameIsCheckedAndForgeriesChangeNothing() throws Exception {
        start("scheme: hmac\nheader: Acme-Signature\nsecret: \"{{my.secret}}\"");
        Map<String, String> headers = new HashMap<>(SignatureSchemeRegistry.create(
                        "hmac", new SchemeOptions(SECRET, null, "Acme-Signature", Duration.ofMinutes(5)))
                .sign(BODY, "any", Instant.now()));

        assertThat(post(Map.of("Acme-Signature", "sha256=" + "0".repeat(64))).statusCode())
                .isEqualTo(401);
        assertThat(post(Map.of()).statusCode()).isEqualTo(401);
        assertThat(runner.ledger().changes(new ChangeQuery("orders", null, null, 10)))
                .isEmpty();

        assertThat(post(headers).statusCode()).isEqualTo(202);
        assertThat(only().change().headers()).isEmpty();
    }
}
