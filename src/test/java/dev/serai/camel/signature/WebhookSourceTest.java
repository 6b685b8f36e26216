package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Change;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.KameletRunner;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookSourceTest {
    /** A test key with characters that have a meaning in URIs. */
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

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private void start(String parameters) throws Exception {
        runner.with(ROUTE.formatted(parameters.indent(8).stripTrailing()), Map.of("my.secret", SECRET))
                .start();
    }

    private HttpResponse<String> post(Map<String, String> headers) throws Exception {
        return runner.post("/hooks/orders", BODY, headers);
    }

    @Test
    void aWebhookIsAnsweredWithItsReceiptAndStoredUnchanged() throws Exception {
        start("headers: Shop-*");

        HttpResponse<String> answer =
                post(Map.of("Shop-Region", "eu", "Authorization", "Bearer hidden", "CamelHttpUri", "http://evil"));

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).contains("\"flow\":\"orders\"", "\"sequence\":", "\"duplicate\":false");
        Change change = runner.onlyAccepted("orders").change();
        assertThat(change.body()).isEqualTo(BODY);
        assertThat(change.key()).isEqualTo("ä");
        assertThat(change.passedHeaders().keySet().stream().map(String::toLowerCase))
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
        assertThat(runner.accepted("orders")).isEmpty();

        assertThat(post(headers).statusCode()).isEqualTo(202);
        assertThat(runner.onlyAccepted("orders").change().passedHeaders()).isEmpty();
    }
}
