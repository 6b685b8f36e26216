package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.signature.Envelope;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks of each platform through the Kamelet, over real HTTP, with a real ledger. */
class WebhookPlatformsTest {
    /** A test key. Do not use it elsewhere. */
    private static final String SECRET = "test-only-platform-secret-000001";

    private static final String EVENT = """
            {"id":"evt_1","event_id":"evt_1","msgId":"evt_1","header":{"event_id":"evt_1","token":"test-only-token"},"text":"canary"}""";
    private static final String ROUTE = """
            - route:
                from:
                  uri: kamelet:webhook-source
                  parameters:
                    path: /hooks/platform
                    scheme: %s
            %s
                  steps:
                    - to:
                        uri: ledger:events
                        parameters:
                          id: "${header.CamelLedgerId}"
                          key: "${jq(.id)}"
            """;

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private void start(String scheme, String parameters) throws Exception {
        runner.with(ROUTE.formatted(scheme, parameters.indent(8).stripTrailing()), Map.of("my.secret", SECRET))
                .start();
    }

    private static Envelope sealed(String scheme, String body) {
        SignatureScheme platform = SignatureSchemeRegistry.create(scheme, SchemeOptions.secret(SECRET));
        return platform.seal(body.getBytes(UTF_8), "evt_1", Instant.now());
    }

    private HttpResponse<String> post(byte[] body, Map<String, String> headers) throws Exception {
        return runner.post("/hooks/platform", body, headers);
    }

    private HttpResponse<String> post(Envelope envelope) throws Exception {
        return post(envelope.body(), envelope.headers());
    }

    private List<Entry> accepted() {
        return runner.accepted("events");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    stripe   | 202 | receipt
                    shopify  | 202 | receipt
                    github   | 202 | receipt
                    slack    | 200 | ''
                    feishu   | 200 | {}
                    dingtalk | 200 | ''
                    """)
    void eachPlatformIsAnsweredAsItExpectsAndItsRetriesAreOneChange(String scheme, int status, String body)
            throws Exception {
        start(scheme, "secret: \"{{my.secret}}\"");
        Envelope envelope = sealed(scheme, EVENT);

        for (HttpResponse<String> answer : List.of(post(envelope), post(envelope), post(sealed(scheme, EVENT)))) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
            if (body.equals("receipt")) {
                assertThat(answer.body())
                        .matches("\\{\"flow\":\"events\",\"id\":\"(evt_1|sha256-[0-9a-f]{64})\",\"sequence\":.*");
            } else {
                assertThat(answer.body()).isEqualTo(body);
            }
        }

        Change change = runner.onlyAccepted("events").change();
        assertThat(new String(change.body(), UTF_8)).isEqualTo(EVENT);
        boolean isIdSigned = !scheme.equals("github") && !scheme.equals("shopify");
        assertThat(change.id()).matches(isIdSigned ? "evt_1" : "sha256-[0-9a-f]{64}");
        assertThat(change.passedHeaders().keySet())
                .noneMatch(name -> envelope.headers().containsKey(name)
                        && !name.equalsIgnoreCase("X-Shopify-Webhook-Id")
                        && !name.equalsIgnoreCase("X-GitHub-Delivery"));
    }

    @ParameterizedTest
    @CsvSource({"stripe", "shopify", "github", "slack", "feishu", "dingtalk"})
    void aForgeryIsRefusedWithItsReasonAndTheLogHoldsNothingOfIt(String scheme) throws Exception {
        start(scheme, "secret: \"{{my.secret}}\"");
        SignatureScheme stranger =
                SignatureSchemeRegistry.create(scheme, SchemeOptions.secret("test-only-strangers-secret-00002"));
        try (var log = new CapturedLog(SignatureProducer.class)) {
            HttpResponse<String> forged = post(stranger.seal(EVENT.getBytes(UTF_8), "evt_1", Instant.now()));
            HttpResponse<String> unsigned = post(EVENT.getBytes(UTF_8), Map.of());

            assertThat(forged.statusCode()).isEqualTo(401);
            assertThat(forged.body()).contains("\"reason\":\"forged\"");
            assertThat(unsigned.body()).contains("\"reason\":\"missing\"");
            assertThat(log.lines())
                    .filteredOn(line -> line.contains(" reason="))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line)
                            .startsWith("WARN Signature refused: scheme=" + scheme + " path=/hooks/platform")
                            .doesNotContain("canary", SECRET));
        }
        assertThat(accepted()).isEmpty();
    }

    @Test
    void aStripeHeaderGivenTwiceIsRefused() throws Exception {
        start("stripe", "secret: \"{{my.secret}}\"");
        String genuine = sealed("stripe", EVENT).headers().get("Stripe-Signature");
        HttpRequest twice = HttpRequest.newBuilder(URI.create(runner.url("/hooks/platform")))
                .header("Stripe-Signature", genuine)
                .header("Stripe-Signature", "v1=" + "0".repeat(64))
                .POST(HttpRequest.BodyPublishers.ofString(EVENT))
                .build();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(twice, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).contains("more than once");
    }

    @Test
    void aGithubFormIsTheJsonInItsPayload() throws Exception {
        start("github", "secret: \"{{my.secret}}\"\npayloadField: payload");
        String form = "payload=" + URLEncoder.encode("{\"id\":\"a+b & c\"}", UTF_8);
        Envelope envelope = sealed("github", form);
        Map<String, String> headers = new HashMap<>(envelope.headers());
        headers.put("Content-Type", "application/x-www-form-urlencoded");

        assertThat(post(envelope.body(), headers).statusCode()).isEqualTo(202);

        Change change = runner.onlyAccepted("events").change();
        assertThat(new String(change.body(), UTF_8)).isEqualTo("{\"id\":\"a+b & c\"}");
        assertThat(change.key()).isEqualTo("a+b & c");
    }

    @Test
    void aRefusedSignatureIsToldOnceWithItsCause() throws Exception {
        start("hmac", "secret: \"{{my.secret}}\"");
        String signature = sealed("hmac", EVENT).headers().get("X-Signature");
        try (var log = new CapturedLog(SignatureProducer.class)) {
            for (int i = 0; i < 50; i++) {
                HttpResponse<String> answer =
                        post(EVENT.getBytes(UTF_8), Map.of("X-Signature", signature.substring("sha256=".length())));
                assertThat(answer.statusCode()).isEqualTo(401);
                assertThat(answer.body()).doesNotContain("lacks");
            }

            await().atMost(Patience.MAX).until(() -> log.lines().size() == 2);
            assertThat(log.lines().get(1))
                    .contains("path=/hooks/platform: the header X-Signature lacks the prefix sha256=");
        }
    }

    @Test
    void slacksAddressCheckIsAnsweredAndCreatesNoChange() throws Exception {
        start("slack", "secret: \"{{my.secret}}\"");

        HttpResponse<String> answer =
                post(sealed("slack", "{\"type\":\"url_verification\",\"challenge\":\"3eZbrw1a\"}"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("3eZbrw1a");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(accepted()).isEmpty();
    }

    @Test
    void feishusAddressCheckIsAnsweredAndCreatesNoChange() throws Exception {
        start("feishu", "secret: \"{{my.secret}}\"");
        Envelope question =
                sealed("feishu", "{\"type\":\"url_verification\",\"challenge\":\"ajls384k\",\"token\":\"x\"}");

        HttpResponse<String> answer = post(question.body(), Map.of());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"challenge\":\"ajls384k\"}");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(accepted()).isEmpty();
    }

    /** The envelope is JSON, what is encrypted in it is not: the first is no UTF-8, the second ends early. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"order\":\"\u00a4\"}", "{\"order\":\"o-1\",\"a\":\"\u00e4b\"}"})
    void whatIsEncryptedAndNoJsonIsTheSendersFault(String content) throws Exception {
        start("feishu", "secret: \"{{my.secret}}\"");
        SignatureScheme scheme = SignatureSchemeRegistry.create("feishu", SchemeOptions.secret(SECRET));
        Envelope sealed = scheme.seal(content.getBytes(ISO_8859_1), "1", Instant.now());

        HttpResponse<String> answer = post(sealed.body(), sealed.headers());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("cannot be read as the JSON");
        assertThat(accepted()).isEmpty();
    }

    @Test
    void aFeishuAppWithoutAnEncryptKeyIsVerifiedByItsToken() throws Exception {
        start("feishu", "verificationToken: test-only-token");

        assertThat(post(EVENT.getBytes(UTF_8), Map.of()).statusCode()).isEqualTo(200);
        HttpResponse<String> other = post(EVENT.replace("only-token", "x").getBytes(UTF_8), Map.of());
        assertThat(other.statusCode()).isEqualTo(401);
        assertThat(other.body()).contains("\"reason\":\"forged\"");
        assertThat(accepted()).hasSize(1);
    }
}
