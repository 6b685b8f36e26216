package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.LeanCamelContext;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.support.CapturedLog;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureComponentTest {

    // Published examples of Standard Webhooks and GitHub, not real secrets.
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final String BODY = "{\"test\": 2432232314}";
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static final String GITHUB_SECRET = "It's a Secret to Everybody";
    private static final String GITHUB_SIGNATURE =
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    /** A secret with characters that have a meaning in URIs. */
    private static final String NASTY = "a+b/c=%41&d?e#f g";

    private static final String VERIFY = "signature:standard-webhooks?secret=RAW(" + SECRET + ")";
    private static final String SIGN = VERIFY + "&action=sign";

    private Instant now = Instant.ofEpochSecond(1614265330);
    private DefaultCamelContext context;

    @BeforeEach
    void start() {
        context = new LeanCamelContext(true);
        context.addComponent("signature", new SignatureComponent(() -> now));
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void camelFindsTheComponentByItsName() throws Exception {
        try (var other = new LeanCamelContext(true)) {
            assertThat(other.getComponent("signature")).isInstanceOf(SignatureComponent.class);
        }
    }

    @Test
    void aVerifiedMessageIsPassedOnAsRawBytesWithItsIdAndWithoutItsSignature() {
        var headers = signedHeaders();
        headers.put("Content-Type", "application/json");

        Exchange result = send(VERIFY, BODY, headers);

        assertThat(result.getException()).isNull();
        assertThat(result.getMessage().getBody()).isEqualTo(BODY.getBytes(UTF_8));
        assertThat(result.getMessage().getHeaders())
                .containsOnly(Map.entry("CamelLedgerId", ID), Map.entry("Content-Type", "application/json"));
    }

    @Test
    void aStreamIsReadOnceAndItsBytesArePassedOn() {
        byte[] bytes = BODY.getBytes(UTF_8);

        Exchange result = send(VERIFY, new ByteArrayInputStream(bytes), signedHeaders());

        assertThat(result.getException()).isNull();
        assertThat(result.getMessage().getBody()).isEqualTo(bytes);
    }

    @Test
    void bytesThatAreNotTextPassUnchanged() {
        byte[] bytes = {0, (byte) 0xff, '\r', '\n', (byte) 0xc3};
        Exchange signed = send(SIGN, bytes, Map.of());

        Exchange result = send(VERIFY, bytes, signed.getMessage().getHeaders());

        assertThat(result.getException()).isNull();
        assertThat(result.getMessage().getBody()).isEqualTo(bytes);
    }

    @Test
    void noBodyIsAnEmptyBody() {
        Exchange signed = send(SIGN, null, Map.of());

        Exchange result = send(VERIFY, new byte[0], signed.getMessage().getHeaders());

        assertThat(result.getException()).isNull();
    }

    @Test
    void aParsedBodyFailsBecauseItsBytesAreGone() {
        assertThat(send(VERIFY, new HashMap<>(Map.of("test", 1)), signedHeaders())
                        .getException())
                .isInstanceOf(InvalidPayloadException.class);
    }

    @Test
    void aRefusedMessageEndsTheRouteWithTheReason() {
        Exchange forged = send(VERIFY, BODY + " ", signedHeaders());
        Exchange missing = send(VERIFY, BODY, Map.of());
        now = now.plusSeconds(301);
        Exchange stale = send(VERIFY, BODY, signedHeaders());

        assertThat(refusal(forged).reason()).isEqualTo(RefusalReason.FORGED);
        assertThat(refusal(missing).reason()).isEqualTo(RefusalReason.MISSING);
        assertThat(refusal(stale).reason()).isEqualTo(RefusalReason.STALE);
        assertThat(refusal(stale).detail()).contains("301 s in the past");
        assertThat(forged.getMessage().getHeaders()).doesNotContainKey("CamelLedgerId");
    }

    @Test
    void theToleranceIsACamelDuration() {
        now = now.plusSeconds(301);

        assertThat(send(VERIFY + "&tolerance=301s", BODY, signedHeaders()).getException())
                .isNull();
        assertThat(refusal(send(VERIFY + "&tolerance=300000", BODY, signedHeaders()))
                        .reason())
                .isEqualTo(RefusalReason.STALE);
    }

    @Test
    void thePreviousSecretIsStillAccepted() {
        String renewed = "signature:standard-webhooks?secret=RAW(whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD)";

        assertThat(refusal(send(renewed, BODY, signedHeaders())).reason()).isEqualTo(RefusalReason.FORGED);
        assertThat(send(renewed + "&previousSecret=RAW(" + SECRET + ")", BODY, signedHeaders())
                        .getException())
                .isNull();
    }

    @Test
    void aRepeatedHeaderIsRefused() {
        var headers = signedHeaders();
        headers.put("WEBHOOK-SIGNATURE", List.of(SIGNATURE, SIGNATURE));

        assertThat(refusal(send(VERIFY, BODY, headers)).reason()).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void aNumberAsATimeHeaderIsReadLikeText() {
        var headers = signedHeaders();
        headers.put("Webhook-Timestamp", 1614265330L);

        assertThat(send(VERIFY, BODY, headers).getException()).isNull();
    }

    @Test
    void githubKeepsItsDeliveryHeaderAndLosesBothSignatures() {
        Exchange result = send(
                "signature:github?secret=RAW(" + GITHUB_SECRET + ")",
                "Hello, World!",
                Map.of(
                        "x-hub-signature-256", GITHUB_SIGNATURE,
                        "x-hub-signature", "sha1=0",
                        "x-github-delivery", "d1",
                        "x-github-event", "push"));

        assertThat(result.getException()).isNull();
        assertThat(result.getMessage().getHeaders())
                .containsOnly(
                        Map.entry(
                                "CamelLedgerId",
                                "sha256-b7d2e19489438106a431b9f480779c2ea5bb7f347ad07034a90fb8e2b24cf703"),
                        Map.entry("x-github-delivery", "d1"),
                        Map.entry("x-github-event", "push"));
    }

    @Test
    void aSchemeWithoutIdsDoesNotChangeTheId() {
        Exchange signed = send("signature:hmac?secret=s&header=X-Acme&action=sign", BODY, Map.of());
        assertThat(signed.getMessage().getHeaders()).containsOnlyKeys("X-Acme");

        Exchange result = send(
                "signature:hmac?secret=s&header=X-Acme",
                BODY,
                signed.getMessage().getHeaders());

        assertThat(result.getException()).isNull();
        assertThat(result.getMessage().getHeaders()).isEmpty();
    }

    @Test
    void noneAcceptsEverything() {
        assertThat(send("signature:none", BODY, Map.of()).getException()).isNull();
        assertThat(send("signature:none?action=sign", BODY, Map.of())
                        .getMessage()
                        .getHeaders())
                .isEmpty();
    }

    @Test
    void signingUsesTheChangesIdAndTheClock() {
        Exchange signed = send(SIGN, BODY, Map.of("CamelLedgerId", ID));

        assertThat(signed.getMessage().getHeaders())
                .containsEntry("webhook-id", ID)
                .containsEntry("webhook-timestamp", "1614265330")
                .containsEntry("webhook-signature", SIGNATURE);
        assertThat(signed.getMessage().getBody()).isEqualTo(BODY.getBytes(UTF_8));
    }

    @Test
    void signingWithoutAnIdMakesANewOneEachTime() {
        Object first = send(SIGN, BODY, Map.of()).getMessage().getHeader("webhook-id");
        Object second = send(SIGN, BODY, Map.of()).getMessage().getHeader("webhook-id");

        assertThat(first).asString().matches("msg_[0-9a-f]{32}");
        assertThat(second).isNotEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "signature:standard-webhooks",
                "signature:standard-webhooks?secret=RAW(hidden+canary)",
                "signature:standard-webhooks?secret=RAW(whsec_hidden&canary)",
                "signature:standard-webhooks?secret=whsec_AAAA&previousSecret=RAW(hidden+canary)",
                "signature:standard-webhooks?secret=whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=&action=sign",
                "signature:none?secret=hiddencanary",
                "signature:nosuch?secret=hiddencanary",
                "signature:hmac?secret=hiddencanary&tolerance=0",
            })
    void whatCannotWorkFailsWhenTheRouteIsMadeAndNamesNoSecret(String uri) {
        assertThatThrownBy(() -> context.getEndpoint(uri)).satisfies(e -> {
            for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain("hidden", "canary", "1SiA4o9hyq");
            }
        });
    }

    @Test
    void theEndpointsTextMasksItsSecrets() {
        String uri = "signature:hmac?secret=RAW(hidden&canary)&previousSecret=RAW(buried+treasure)&header=X-Shown";

        assertThat(context.getEndpoint(uri))
                .asString()
                .contains("X-Shown")
                .doesNotContain("hidden", "canary", "buried", "treasure");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{acme.secret}}", NASTY})
    void yamlRoutesTakeSecretsWithAnyCharacters(String written) throws Exception {
        context.getPropertiesComponent().addOverrideProperty("acme.secret", NASTY);
        load("""
                - route:
                    from:
                      uri: direct:in
                      steps:
                        - to:
                            uri: signature:hmac
                            parameters:
                              action: sign
                              secret: "%s"
                """.formatted(written));

        assertThat(signedFrom("direct:in")).isEqualTo(signedByNasty());
    }

    @Test
    void kameletsPassOnSecretsWithAnyCharacters() throws Exception {
        context.getPropertiesComponent().addOverrideProperty("acme.secret", NASTY);
        load("""
                - routeTemplate:
                    id: signer
                    parameters:
                      - name: scheme
                      - name: key
                      - name: oldKey
                        required: false
                    from:
                      uri: kamelet:source
                      steps:
                        - to:
                            uri: "signature:{{scheme}}"
                            parameters:
                              action: sign
                              secret: "{{key}}"
                              previousSecret: "{{?oldKey}}"
                - route:
                    from:
                      uri: direct:in
                      steps:
                        - to:
                            uri: kamelet:signer
                            parameters:
                              scheme: hmac
                              key: "RAW({{acme.secret}})"
                """);

        assertThat(signedFrom("direct:in")).isEqualTo(signedByNasty());
    }

    private void load(String yaml) throws Exception {
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("test.yaml", yaml));
    }

    private Object signedFrom(String uri) {
        Exchange signed = send(uri, BODY, Map.of());
        assertThat(signed.getException()).isNull();
        return signed.getMessage().getHeader("X-Signature");
    }

    private Object signedByNasty() {
        return SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(NASTY))
                .sign(BODY.getBytes(UTF_8), "any", now)
                .get("X-Signature");
    }

    @Test
    void aRefusalIsLoggedInOneLineWithoutSecretSignatureOrBody() {
        var headers = signedHeaders();
        headers.put("CamelHttpPath", "/hooks/a\r\nERROR forged line \u001b[31m\u202e" + "x".repeat(500));

        try (var log = new CapturedLog(SignatureProducer.class)) {
            send(VERIFY, "canary body", headers);

            assertThat(log.lines()).singleElement().satisfies(line -> assertThat(line)
                    .startsWith("WARN Signature refused: scheme=standard-webhooks"
                            + " path=/hooks/a\\u000d\\u000aERROR forged line \\u001b[31m\\u202exxx")
                    .contains("xxx... id=" + ID + " reason=forged")
                    .doesNotContain("\r", "\n", SECRET.substring(6), SIGNATURE.substring(3), "canary")
                    .hasSizeLessThan(600));
        }
    }

    @Test
    void aPassingMessageIsNotLogged() {
        try (var log = new CapturedLog(SignatureProducer.class)) {
            send(VERIFY, BODY, signedHeaders());

            assertThat(log.lines()).isEmpty();
        }
    }

    private Exchange send(String uri, Object body, Map<String, Object> headers) {
        return context.createProducerTemplate().request(uri, exchange -> {
            exchange.getMessage().setBody(body);
            headers.forEach(exchange.getMessage()::setHeader);
        });
    }

    private static Map<String, Object> signedHeaders() {
        return new HashMap<>(
                Map.of("webhook-id", ID, "Webhook-Timestamp", "1614265330", "WEBHOOK-SIGNATURE", SIGNATURE));
    }

    private static SignatureException refusal(Exchange exchange) {
        assertThat(exchange.getException()).isInstanceOf(SignatureException.class);
        return exchange.getException(SignatureException.class);
    }
}
