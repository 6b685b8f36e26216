package dev.serai.signature;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.Verified;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways in which senders write an HMAC, and secrets that are sent along. */
class HmacFormTest {
    /** A test key. Do not use it elsewhere. */
    private static final String SECRET = "test-only-secret-0000001";

    private static final byte[] BODY = utf8("{\"id\":1}");
    private static final Instant NOW = Instant.ofEpochSecond(1795423845);

    private static SignatureScheme scheme(String name, String header, Map<String, String> more) {
        return SignatureSchemeRegistry.create(
                name, new SchemeOptions(SECRET, null, header, SchemeOptions.DEFAULT_TOLERANCE, more));
    }

    private static byte[] mac(String algorithm, String text) throws Exception {
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(utf8(SECRET), algorithm));
        return mac.doFinal(utf8(text));
    }

    @ParameterizedTest
    @CsvSource({
        "HmacSHA1, sha1, hex, , sha1=",
        "HmacSHA256, sha256, hex, none, ''",
        "HmacSHA512, SHA-512, hex, , sha512=",
        "HmacSHA1, sha1, base64, , ''",
        "HmacSHA256, sha256, base64, v1=, v1=",
        "HmacSHA512, sha512, base64, , ''"
    })
    void eachHashIsReadInEachEncoding(String java, String algorithm, String encoding, String prefix, String written)
            throws Exception {
        Map<String, String> options = prefix == null
                ? Map.of("algorithm", algorithm, "encoding", encoding)
                : Map.of("algorithm", algorithm, "encoding", encoding, "prefix", prefix);
        SignatureScheme hmac = scheme("hmac", null, options);
        byte[] mac = mac(java, new String(BODY, UTF_8));
        String text = encoding.equals("hex")
                ? HexFormat.of().formatHex(mac)
                : Base64.getEncoder().encodeToString(mac);

        assertThat(hmac.verify(BODY, headers(Map.of("X-Signature", written + text)), NOW))
                .isEqualTo(new Verified(null));
        assertThat(hmac.verify(utf8("x"), headers(Map.of("X-Signature", written + text)), NOW))
                .isInstanceOf(Refusal.class);
        assertThat(hmac.verify(BODY, headers(Map.of("X-Signature", "q=" + text)), NOW))
                .isInstanceOf(Refusal.class);
        assertThat(hmac.verify(BODY, headers(hmac.sign(BODY, "id", NOW)), NOW)).isEqualTo(new Verified(null));
    }

    @Test
    void aSignedTimeMustBeRecent() throws Exception {
        SignatureScheme usual = scheme("hmac", null, Map.of("timeHeader", "X-Time"));
        SignatureScheme own = scheme("hmac", null, Map.of("timeHeader", "X-Time", "signed", "v0:{time}:{body}:end"));
        for (long time : new long[] {NOW.getEpochSecond(), NOW.getEpochSecond() - 299}) {
            assertThat(usual.verify(BODY, headers(timed(time, time + ".{\"id\":1}")), NOW))
                    .isEqualTo(new Verified(null));
            assertThat(own.verify(BODY, headers(timed(time, "v0:" + time + ":{\"id\":1}:end")), NOW))
                    .isEqualTo(new Verified(null));
        }
        long old = NOW.getEpochSecond() - 301;
        assertThat(((Refusal) usual.verify(BODY, headers(timed(old, old + ".{\"id\":1}")), NOW)).reason())
                .isEqualTo(Verdict.RefusalReason.STALE);
        assertThat(usual.verify(BODY, headers(timed(NOW.getEpochSecond(), old + ".{\"id\":1}")), NOW))
                .isInstanceOf(Refusal.class);
    }

    private static Map<String, String> timed(long time, String signed) throws Exception {
        return Map.of(
                "X-Time",
                Long.toString(time),
                "X-Signature",
                "sha256=" + HexFormat.of().formatHex(mac("HmacSHA256", signed)));
    }

    @Test
    void whatCannotBeMeantIsRefusedAtTheStart() {
        for (Map<String, String> options : new Map[] {
            Map.of("algorithm", "md5"),
            Map.of("encoding", "base32"),
            Map.of("signed", "{time}.{body}"),
            Map.of("signed", "nothing"),
            Map.of("timeHeader", "a b")
        }) {
            assertThatThrownBy(() -> scheme("hmac", null, options))
                    .as(options.toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(options.keySet().iterator().next());
        }
    }

    @Test
    void aSecretThatIsSentAlongIsCompared() {
        SignatureScheme token = scheme("token", "X-Gitlab-Token", Map.of());
        assertThat(token.verify(BODY, headers(Map.of("X-Gitlab-Token", SECRET)), NOW))
                .isEqualTo(new Verified(null));
        assertThat(token.verify(BODY, headers(Map.of("X-Gitlab-Token", SECRET + "x")), NOW))
                .isInstanceOf(Refusal.class);
        assertThat(token.verify(BODY, headers(Map.of()), NOW)).isInstanceOf(Refusal.class);

        SignatureScheme bearer = scheme("bearer", null, Map.of());
        assertThat(bearer.verify(BODY, headers(Map.of("Authorization", "bearer " + SECRET)), NOW))
                .isEqualTo(new Verified(null));
        assertThat(bearer.verify(BODY, headers(Map.of("Authorization", SECRET)), NOW))
                .isInstanceOf(Refusal.class);

        SignatureScheme basic = SignatureSchemeRegistry.create("basic", SchemeOptions.secret("user:a pass"));
        assertThat(basic.verify(
                        BODY,
                        headers(Map.of(
                                "Authorization", "Basic " + Base64.getEncoder().encodeToString(utf8("user:a pass")))),
                        NOW))
                .isEqualTo(new Verified(null));
        assertThatThrownBy(() -> SignatureSchemeRegistry.create("basic", SchemeOptions.secret("no-colon")))
                .hasMessageContaining("user:password");
    }

    @Test
    void svixHeadersAreReadAsThoseOfStandardWebhooks() {
        SignatureScheme scheme = SignatureSchemeRegistry.create(
                "standard-webhooks", SchemeOptions.secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"));
        Map<String, String> sent = scheme.sign(BODY, "msg_1", NOW);
        Map<String, String> svix = Map.of(
                "svix-id", sent.get("webhook-id"),
                "svix-timestamp", sent.get("webhook-timestamp"),
                "svix-signature", sent.get("webhook-signature"));

        assertThat(scheme.verify(BODY, headers(svix), NOW)).isEqualTo(new Verified("msg_1"));
        assertThat(scheme.verify(utf8("x"), headers(svix), NOW)).isInstanceOf(Refusal.class);
        assertThat(scheme.signatureHeaders()).contains("svix-signature");
    }
}
