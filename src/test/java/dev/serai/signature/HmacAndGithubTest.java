package dev.serai.signature;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HmacAndGithubTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    // The example of https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    private static final String SECRET = "It's a Secret to Everybody";
    private static final byte[] BODY = utf8("Hello, World!");
    private static final String HEX = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    private final SignatureScheme github = SignatureSchemeRegistry.create("github", SchemeOptions.secret(SECRET));
    private final SignatureScheme hmac = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(SECRET));

    @Test
    void githubsOwnExampleVerifies() {
        assertThat(github.verify(BODY, headers(Map.of("X-Hub-Signature-256", "sha256=" + HEX)), NOW))
                .isInstanceOf(Verified.class);
    }

    @Test
    void githubSignsItsOwnExampleTheSame() {
        assertThat(github.sign(BODY, "72d3162e-cc78", NOW))
                .containsOnly(
                        Map.entry("X-Hub-Signature-256", "sha256=" + HEX),
                        Map.entry("X-GitHub-Delivery", "72d3162e-cc78"));
    }

    @Test
    void aCopyOfADeliveryUnderAnotherIdIsTheSameChange() {
        Verified first = (Verified) github.verify(
                BODY,
                headers(Map.of("X-Hub-Signature-256", "sha256=" + HEX, "X-GitHub-Delivery", "72d3162e-cc78")),
                NOW);
        var copied = headers(Map.of("X-Hub-Signature-256", "sha256=" + HEX, "X-GitHub-Delivery", "another"));

        assertThat(first.id()).startsWith("sha256-");
        assertThat(github.verify(BODY, copied, NOW)).isEqualTo(first);
        var other = headers(Map.of("X-Hub-Signature-256", "sha256=" + HEX, "X-GitHub-Event", "ping"));
        assertThat(github.verify(BODY, other, NOW)).isNotEqualTo(first);
    }

    @Test
    void hmacReadsXSignatureInAnyLetterCase() {
        assertThat(hmac.verify(BODY, headers(Map.of("x-signature", "sha256=" + HEX)), NOW))
                .isEqualTo(new Verified(null));
        assertThat(hmac.verify(BODY, headers(Map.of("X-SIGNATURE", "sha256=" + HEX.toUpperCase(Locale.ROOT))), NOW))
                .isEqualTo(new Verified(null));
    }

    @Test
    void hmacReadsAndSignsTheConfiguredHeader() {
        var scheme = SignatureSchemeRegistry.create("hmac", options(SECRET, null, "X-Acme-Sign"));

        assertThat(scheme.sign(BODY, "any", NOW)).containsOnly(Map.entry("X-Acme-Sign", "sha256=" + HEX));
        assertThat(scheme.verify(BODY, headers(Map.of("x-acme-sign", "sha256=" + HEX)), NOW))
                .isEqualTo(new Verified(null));
        assertThat(reason(scheme.verify(BODY, headers(Map.of("X-Signature", "sha256=" + HEX)), NOW)))
                .isEqualTo(RefusalReason.MISSING);
        assertThat(scheme.signatureHeaders()).containsExactly("X-Acme-Sign");
    }

    @Test
    void aTamperedBodyIsForged() {
        assertThat(verify(hmac, utf8("Hello, World?"), "sha256=" + HEX)).isEqualTo(RefusalReason.FORGED);
        assertThat(verify(hmac, new byte[0], "sha256=" + HEX)).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void aTamperedSignatureIsForged() {
        assertThat(verify(hmac, BODY, "sha256=0" + HEX.substring(1))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void theWrongKeyIsForged() {
        var other = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret("another secret"));

        assertThat(verify(other, BODY, "sha256=" + HEX)).isEqualTo(RefusalReason.FORGED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEX,
                "sha1=" + HEX,
                "SHA256=" + HEX,
                "sha256=",
                "sha256=75",
                "sha256=" + HEX + "00",
                "sha256=xx7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                "sha256=" + HEX + "\n",
            })
    void aHeaderThatIsNoSignatureIsMalformed(String value) {
        assertThat(verify(hmac, BODY, value)).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void aMissingOrEmptyHeaderIsMissing() {
        assertThat(reason(hmac.verify(BODY, headers(Map.of()), NOW))).isEqualTo(RefusalReason.MISSING);
        assertThat(verify(hmac, BODY, "")).isEqualTo(RefusalReason.MISSING);
    }

    @Test
    void aRepeatedHeaderIsMalformedEvenIfOneOfThemIsRight() {
        HeaderLookup twice = name -> List.of("sha256=" + HEX, "sha256=" + HEX);

        assertThat(reason(hmac.verify(BODY, twice, NOW))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void anEmptyBodyIsSignedAndVerifiedLikeAnyOther() {
        var signed = hmac.sign(new byte[0], "any", NOW);

        assertThat(hmac.verify(new byte[0], headers(signed), NOW)).isEqualTo(new Verified(null));
        assertThat(reason(hmac.verify(BODY, headers(signed), NOW))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void duringRotationBothSecretsAreAcceptedAndTheNewOneSigns() {
        var rotating = SignatureSchemeRegistry.create("hmac", options("the new one", SECRET, null));
        var renewed = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret("the new one"));

        assertThat(rotating.verify(BODY, headers(hmac.sign(BODY, "any", NOW)), NOW))
                .isEqualTo(new Verified(null));
        assertThat(rotating.sign(BODY, "any", NOW)).isEqualTo(renewed.sign(BODY, "any", NOW));
        assertThat(reason(renewed.verify(BODY, headers(hmac.sign(BODY, "any", NOW)), NOW)))
                .isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void longSecretsSeparatedBySpacesAreAllAccepted() {
        String first = "first-0123456789abcdef";
        String second = "second-0123456789abcdef";
        var both = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(first + "  " + second));

        for (String secret : List.of(first, second)) {
            var sender = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(secret));
            assertThat(both.verify(BODY, headers(sender.sign(BODY, "any", NOW)), NOW))
                    .isEqualTo(new Verified(null));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Secret", "Everybody", "It's"})
    void aWordOfAPassPhraseIsNoKey(String word) {
        var guesser = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(word));

        assertThat(reason(hmac.verify(BODY, headers(guesser.sign(BODY, "any", NOW)), NOW)))
                .isEqualTo(RefusalReason.FORGED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hmac", "github"})
    void anEmptySecretFailsAtOnce(String scheme) {
        assertThatThrownBy(() -> SignatureSchemeRegistry.create(scheme, SchemeOptions.secret("  ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("secret is empty");
        assertThatThrownBy(() -> SignatureSchemeRegistry.create(scheme, options(null, "old", null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("secret is empty");
    }

    @Test
    void aHeaderNameThatHttpDoesNotAllowFailsAtOnce() {
        assertThatThrownBy(() -> SignatureSchemeRegistry.create("hmac", options(SECRET, null, "X-Sign\r\nX-Other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("header");
    }

    @Test
    void detailsContainNothingOfTheRequestOrTheKey() {
        var verdict = (Refusal) hmac.verify(utf8("tampered"), headers(Map.of("X-Signature", "sha256=" + HEX)), NOW);

        assertThat(verdict.detail()).doesNotContain(SECRET, HEX, "tampered").contains("X-Signature");
    }

    private static SchemeOptions options(String secret, String previousSecret, String header) {
        return new SchemeOptions(secret, previousSecret, header, Duration.ofMinutes(5));
    }

    private static RefusalReason verify(SignatureScheme scheme, byte[] body, String value) {
        return reason(scheme.verify(body, headers(Map.of("X-Signature", value)), NOW));
    }

    private static RefusalReason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Refusal.class);
        return ((Refusal) verdict).reason();
    }
}
