package dev.serai.signature.platform;

import static dev.serai.support.Requests.mutate;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.lark.oapi.core.utils.Decryptor;
import com.lark.oapi.event.EventDispatcher;
import dev.serai.signature.Envelope;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.signature.WebhookSchemeContract;
import dev.serai.support.RequestFuzz;
import dev.serai.support.Requests;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Feishu's own library. */
class FeishuSchemeTest extends WebhookSchemeContract.Signing {
    private static final String SIGNATURE = "X-Lark-Signature";
    private static final String TIMESTAMP = "X-Lark-Request-Timestamp";
    private static final String NONCE = "X-Lark-Request-Nonce";
    private static final String TOKEN = "test-only-token";
    private static final String EVENT =
            "{\"schema\":\"2.0\",\"header\":{\"event_id\":\"5e3702a84e847582be8db7fb73283c02\",\"token\":\"" + TOKEN
                    + "\"},\"event\":{\"event_id\":\"inner\",\"text\":\"canary 微\"}}";
    private static final String QUESTION =
            "{\"challenge\":\"ajls384kdjx98XX\",\"token\":\"" + TOKEN + "\",\"type\":\"url_verification\"}";

    FeishuSchemeTest() {
        super("feishu", "test-only-feishu-key-00000000001", "test-only-feishu-key-00000000002", EVENT);
    }

    @Override
    public Map<String, String> theirs(String secret, String body, Instant now) throws Exception {
        String time = Long.toString(now.getEpochSecond());
        return new HashMap<>(
                Map.of(TIMESTAMP, time, NONCE, "1234567890", SIGNATURE, sign(secret, time, "1234567890", body)));
    }

    private static String sign(String secret, String time, String nonce, String body) throws Exception {
        return new Theirs().calculateSignature(time, nonce, secret, body);
    }

    /** Opens the method that computes a signature. */
    private static final class Theirs extends EventDispatcher {
        Theirs() {
            super(newBuilder("", ""));
        }

        @Override
        protected String calculateSignature(String timestamp, String nonce, String encryptKey, String body)
                throws NoSuchAlgorithmException {
            return super.calculateSignature(timestamp, nonce, encryptKey, body);
        }
    }

    @Override
    public boolean isBelievedByThem(String secret, String body, Map<String, String> headers, Instant now)
            throws Exception {
        return sign(secret, headers.get(TIMESTAMP), headers.get(NONCE), body).equals(headers.get(SIGNATURE));
    }

    @Override
    public List<String> proof() {
        return List.of(SIGNATURE, TIMESTAMP, NONCE);
    }

    @Override
    public Duration tolerance() {
        return null;
    }

    /** Encrypts as Feishu does, without our code. */
    private static String encrypted(String secret, String content) throws Exception {
        byte[] key = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
        byte[] vector = Arrays.copyOf(key, 16);
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(vector));
        byte[] text = cipher.doFinal(content.getBytes(UTF_8));
        byte[] sealed = Arrays.copyOf(vector, 16 + text.length);
        System.arraycopy(text, 0, sealed, 16, text.length);
        return "{\"encrypt\":\"" + Base64.getEncoder().encodeToString(sealed) + "\"}";
    }

    private static String content(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verified.class);
        return new String(((Verified) verdict).content().body(), UTF_8);
    }

    // ---- Encrypted

    @Test
    void anEncryptedEventIsVerifiedAndDecrypted() throws Exception {
        String body = encrypted(secret, EVENT);
        Verdict verdict = verify(body, theirs(secret, body, NOW));

        assertThat(content(verdict)).isEqualTo(EVENT);
        assertThat(((Verified) verdict).id()).isEqualTo("5e3702a84e847582be8db7fb73283c02");
    }

    @Test
    void theirLibraryReadsOurSealedMessage() throws Exception {
        for (int length = 0; length < 40; length++) {
            String event = EVENT.replace("微", "x".repeat(length));
            Envelope envelope = scheme().seal(utf8(event), "any", NOW);
            String body = new String(envelope.body(), UTF_8);
            String encrypt = body.substring("{\"encrypt\":\"".length(), body.length() - 2);

            assertThat(new Decryptor(secret).decrypt(encrypt)).isEqualTo(event);
            assertThat(isBelievedByThem(secret, body, envelope.headers(), NOW)).isTrue();
            assertThat(content(verify(body, envelope.headers()))).isEqualTo(event);
        }
    }

    @Test
    void anEventOfAnotherKeyIsRefused() throws Exception {
        String body = encrypted(otherSecret, EVENT);
        assertThat(reason(verify(body, theirs(otherSecret, body, NOW)))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(body, theirs(secret, body, NOW)))).isEqualTo(RefusalReason.MALFORMED);
    }

    /** A SHA-256 signature over text that begins with the secret allows length extension without the secret. */
    @Test
    void textAfterTheSignedTextIsRefused() throws Exception {
        for (String more : List.of("\u0080\0\0", "{}", "x", ",")) {
            String body = EVENT + more;
            assertThat(reason(verify(body, theirs(secret, body, NOW)))).as(more).isEqualTo(RefusalReason.MALFORMED);
        }
        String twice = "{\"encrypt\":\"x\",\"encrypt\":\"y\"}";
        assertThat(reason(verify(twice, theirs(secret, twice, NOW)))).isEqualTo(RefusalReason.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedCiphertextsThatAreSignedNeverThrow(long seed) throws Exception {
        Random random = new Random(seed);
        String body = encrypted(secret, EVENT);
        for (int i = 0; i < RequestFuzz.REQUESTS; i++) {
            String mutated = new String(mutate(utf8(body), random), UTF_8);
            verify(mutated, theirs(secret, mutated, NOW));
            verify(mutated, Map.of());
        }
    }

    // ---- The address check

    @Test
    void theAddressCheckIsAnsweredWithoutASignature() throws Exception {
        for (Verdict verdict : List.of(
                verify(encrypted(secret, QUESTION), Map.of()),
                verify(encrypted(secret, QUESTION), theirs(secret, encrypted(secret, QUESTION), NOW)))) {
            assertThat(verdict).isInstanceOfSatisfying(Asked.class, asked -> {
                assertThat(asked.answer().status()).isEqualTo(200);
                assertThat(asked.answer().contentType()).isEqualTo("application/json");
                assertThat(new String(asked.answer().body(), UTF_8)).isEqualTo("{\"challenge\":\"ajls384kdjx98XX\"}");
            });
        }
    }

    @Test
    void everyOtherUnsignedRequestIsRefusedTheSameWay() throws Exception {
        Verdict missing = verify(EVENT, Map.of());
        assertThat(reason(missing)).isEqualTo(RefusalReason.MISSING);
        for (String body : List.of(
                encrypted(secret, EVENT),
                encrypted(otherSecret, QUESTION),
                encrypted(secret, QUESTION.replace("ajls", "<a>")),
                QUESTION,
                "{\"encrypt\":\"AAAA\"}",
                "{\"encrypt\":1}",
                "")) {
            assertThat(verify(body, Map.of())).as(body).isEqualTo(missing);
        }
    }

    // ---- The verification token

    private static SignatureScheme withToken(String secret, String tokens) {
        return SignatureSchemeRegistry.create(
                "feishu",
                new SchemeOptions(
                        secret, null, null, SchemeOptions.DEFAULT_TOLERANCE, Map.of("verificationToken", tokens)));
    }

    @Test
    void withoutAnEncryptKeyTheTokenProvesTheEvent() {
        SignatureScheme scheme = withToken(null, TOKEN);

        assertThat(verify(scheme, utf8(EVENT), Map.of())).isEqualTo(new Verified("5e3702a84e847582be8db7fb73283c02"));
        assertThat(verify(scheme, utf8(QUESTION), Map.of())).isInstanceOf(Asked.class);
        assertThat(reason(verify(scheme, utf8(EVENT.replace(TOKEN, "other")), Map.of())))
                .isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(scheme, utf8(QUESTION.replace(TOKEN, "other")), Map.of())))
                .isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(scheme, utf8("{\"header\":{\"event_id\":\"1\"}}"), Map.of())))
                .isEqualTo(RefusalReason.MISSING);
        assertThat(verify(withToken(null, "newer " + TOKEN), utf8(EVENT), Map.of()))
                .isInstanceOf(Verified.class);
    }

    @Test
    void withKeyAndTokenBothAreChecked() throws Exception {
        SignatureScheme scheme = withToken(secret, "another");
        String body = encrypted(secret, EVENT);

        Verdict verdict = scheme.verify(utf8(body), Requests.headers(theirs(secret, body, NOW)), NOW);

        assertThat(((Refusal) verdict).reason()).isEqualTo(RefusalReason.FORGED);
    }

    // ---- Ids

    @Test
    void anEventOfTheFirstVersionHasAUuidAndOneWithoutAnyIdAHash() throws Exception {
        String first = "{\"uuid\":\"7d83f2e6\",\"token\":\"t\",\"event\":{}}";
        assertThat(verify(first, theirs(secret, first, NOW))).isEqualTo(new Verified("7d83f2e6"));
        String none = "{\"event\":{}}";
        assertThat(((Verified) verify(none, theirs(secret, none, NOW))).id()).startsWith("sha256-");
    }

    @Test
    void withoutAnyKeyItDoesNotStart() {
        assertThatThrownBy(() -> SignatureSchemeRegistry.create("feishu", SchemeOptions.secret("")))
                .hasMessage(
                        "secret is empty: set it to the app's Encrypt Key, or verificationToken if the app has none");
    }
}
