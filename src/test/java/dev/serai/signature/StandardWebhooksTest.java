package dev.serai.signature;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import java.security.KeyPairGenerator;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardWebhooksTest {

    // The published example of Standard Webhooks.
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final Instant SIGNED = Instant.ofEpochSecond(1614265330);
    private static final byte[] BODY = utf8("{\"test\": 2432232314}");
    private static final String V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    // The same message under the published example keys for v1a, from Svix, where the scheme comes from.
    private static final String PRIVATE =
            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    private static final String PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    private static final String V1A =
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

    private static final String OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private static final String NO_SIGNATURE = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private final SignatureScheme scheme = scheme(SECRET);

    @Test
    void theStandardsExampleVerifies() {
        assertThat(scheme.verify(BODY, headers(signedBy(V1)), SIGNED)).isEqualTo(new Verified(ID));
    }

    @Test
    void theStandardsExampleIsSignedTheSame() {
        assertThat(scheme.sign(BODY, ID, SIGNED)).isEqualTo(signedBy(V1));
    }

    @Test
    void thePublishedEd25519ExampleVerifiesWithEitherKey() {
        assertThat(scheme(PUBLIC).verify(BODY, headers(signedBy(V1A)), SIGNED)).isEqualTo(new Verified(ID));
        assertThat(scheme(PRIVATE).verify(BODY, headers(signedBy(V1A)), SIGNED)).isEqualTo(new Verified(ID));
    }

    @Test
    void thePublishedEd25519ExampleIsSignedTheSameFromTheWholeKeyAndFromItsFirstHalf() {
        String firstHalf = "whsk_" + base64(Arrays.copyOf(Base64.getDecoder().decode(PRIVATE.substring(5)), 32));

        assertThat(scheme(PRIVATE).sign(BODY, ID, SIGNED)).isEqualTo(signedBy(V1A));
        assertThat(scheme(firstHalf).sign(BODY, ID, SIGNED)).isEqualTo(signedBy(V1A));
    }

    @Test
    void anRfc8032KeyVerifiesWhereXIsOddAndWhereItIsEven() {
        // RFC 8032 section 7.1, the secret and public keys of TEST 1 and TEST 2.
        verifiesEachOther(
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        verifiesEachOther(
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    }

    @Test
    void keysThatTheJdkGeneratedMakeARoundTrip() throws Exception {
        for (int i = 0; i < 20; i++) {
            var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded(); // X.509 ends with the 32 raw bytes
            String publicKey = HexFormat.of().formatHex(encoded, encoded.length - 32, encoded.length);
            assertThat(pair.getPublic()).isInstanceOf(EdECPublicKey.class);
            byte[] raw = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();

            verifiesEachOther(HexFormat.of().formatHex(raw), publicKey);
        }
    }

    private static void verifiesEachOther(String privateHex, String publicHex) {
        var signer = scheme("whsk_" + base64(HexFormat.of().parseHex(privateHex)));
        var verifier = scheme("whpk_" + base64(HexFormat.of().parseHex(publicHex)));
        var signed = signer.sign(BODY, ID, SIGNED);

        assertThat(verifier.verify(BODY, headers(signed), SIGNED)).isEqualTo(new Verified(ID));
        assertThat(signer.verify(BODY, headers(signed), SIGNED)).isEqualTo(new Verified(ID));
        assertThat(reason(verifier.verify(utf8("other"), headers(signed), SIGNED)))
                .isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void aTamperedBodyIsForged() {
        byte[] reserialised = utf8("{\"test\":2432232314}");

        assertThat(reason(scheme.verify(reserialised, headers(signedBy(V1)), SIGNED)))
                .isEqualTo(RefusalReason.FORGED);
        assertThat(reason(scheme(PUBLIC).verify(reserialised, headers(signedBy(V1A)), SIGNED)))
                .isEqualTo(RefusalReason.FORGED);
    }

    @ParameterizedTest
    @CsvSource({
        "webhook-id, msg_p5jXN8AQM9LWM0D4loKWxJel",
        "webhook-timestamp, 1614265331",
        "webhook-timestamp, 01614265330",
        "webhook-signature, 'v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='",
        "webhook-signature, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1A=='",
    })
    void aTamperedHeaderIsForged(String header, String value) {
        assertThat(verifyWith(header, value)).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void theWrongKeyIsForged() {
        assertThat(reason(scheme(OTHER_SECRET).verify(BODY, headers(signedBy(V1)), SIGNED)))
                .isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void aRequestIsFreshForFiveMinutesToEitherSide() {
        for (long off : List.of(-300L, 0L, 300L)) {
            assertThat(scheme.verify(BODY, headers(signedBy(V1)), SIGNED.plusSeconds(off)))
                    .isEqualTo(new Verified(ID));
        }
        var old = (Refusal) scheme.verify(BODY, headers(signedBy(V1)), SIGNED.plusSeconds(301));
        var early = (Refusal) scheme.verify(BODY, headers(signedBy(V1)), SIGNED.minusSeconds(302));

        assertThat(old.reason()).isEqualTo(RefusalReason.STALE);
        assertThat(old.detail()).contains("301 s in the past", "300 s");
        assertThat(early.reason()).isEqualTo(RefusalReason.STALE);
        assertThat(early.detail()).contains("302 s in the future");
    }

    @Test
    void theToleranceCanBeSet() {
        var strict = SignatureSchemeRegistry.create(
                "standard-webhooks", new SchemeOptions(SECRET, null, null, Duration.ofSeconds(10)));

        assertThat(strict.verify(BODY, headers(signedBy(V1)), SIGNED.plusSeconds(10)))
                .isEqualTo(new Verified(ID));
        assertThat(reason(strict.verify(BODY, headers(signedBy(V1)), SIGNED.plusSeconds(11))))
                .isEqualTo(RefusalReason.STALE);
    }

    @Test
    void aToleranceOfZeroFailsAtOnce() {
        assertThatThrownBy(() -> new SchemeOptions(SECRET, null, null, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tolerance");
    }

    @ParameterizedTest
    @ValueSource(strings = {"now", "-1", "+1614265330", "1614265330.5", "9999999999999", "１６１４２６５３３０", "1614265330 "})
    void aTimeThatIsNoUnixTimeIsMalformed(String timestamp) {
        assertThat(verifyWith("webhook-timestamp", timestamp)).isEqualTo(RefusalReason.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"msg p5", "msg\r\np5", "nachricht-ä", "订单"})
    void anIdThatNoHeaderCanCarryIsMalformed(String id) {
        assertThat(verifyWith("webhook-id", id)).isEqualTo(RefusalReason.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1,", "v1,***", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ",AAAA", "v1,AAA=A"})
    void aSignatureThatIsNoSignatureIsRefused(String signature) {
        assertThat(verifyWith("webhook-signature", signature)).isIn(RefusalReason.MALFORMED, RefusalReason.FORGED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhook-id", "webhook-timestamp", "webhook-signature"})
    void eachHeaderMustBeThereOnce(String header) {
        var without = signedBy(V1);
        without.remove(header);
        HeaderLookup twice = name -> {
            String value = signedBy(V1).getOrDefault(name, "");
            return name.equals(header) ? List.of(value, value) : List.of(value);
        };

        assertThat(reason(scheme.verify(BODY, headers(without), SIGNED))).isEqualTo(RefusalReason.MISSING);
        assertThat(verifyWith(header, "")).isEqualTo(RefusalReason.MISSING);
        assertThat(reason(scheme.verify(BODY, twice, SIGNED))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void oneGoodSignatureAmongSeveralIsEnough() {
        for (String list : List.of(
                NO_SIGNATURE + " " + V1,
                V1 + " " + NO_SIGNATURE,
                V1A + " " + V1,
                "v2,future v1,*** " + V1,
                V1 + "  " + V1A)) {
            assertThat(scheme.verify(BODY, headers(signedBy(list)), SIGNED))
                    .as(list)
                    .isEqualTo(new Verified(ID));
        }
    }

    @Test
    void aSignatureOfAnotherKindThanTheKeysIsOfAnUnknownKey() {
        var verdict = (Refusal) scheme.verify(BODY, headers(signedBy(V1A)), SIGNED);

        assertThat(verdict.reason()).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(verdict.detail()).contains("whpk_");
    }

    @Test
    void anHmacWithThePublicKeyIsNotAnEd25519Signature() {
        // The public key is no secret, so it must not be accepted as an HMAC secret (algorithm confusion).
        String publicBytes = PUBLIC.substring("whpk_".length());
        var signed = scheme("whsec_" + publicBytes).sign(BODY, ID, SIGNED);

        assertThat(reason(scheme(PUBLIC).verify(BODY, headers(signed), SIGNED))).isEqualTo(RefusalReason.UNKNOWN_KEY);
    }

    @Test
    void moreSignaturesThanAnyRotationNeedsAreMalformed() {
        String many = (NO_SIGNATURE + " ").repeat(16) + V1;

        assertThat(verifyWith("webhook-signature", many)).isEqualTo(RefusalReason.MALFORMED);
        assertThat(scheme.verify(BODY, headers(signedBy((NO_SIGNATURE + " ").repeat(15) + V1)), SIGNED))
                .isEqualTo(new Verified(ID));
    }

    @Test
    void anEmptyBodyIsSignedAndVerifiedLikeAnyOther() {
        var signed = scheme.sign(new byte[0], ID, SIGNED);

        assertThat(scheme.verify(new byte[0], headers(signed), SIGNED)).isEqualTo(new Verified(ID));
        assertThat(reason(scheme.verify(BODY, headers(signed), SIGNED))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void bytesThatAreNotTextAreSignedUnchanged() {
        byte[] bytes = {0, (byte) 0xff, (byte) 0xfe, '\r', '\n', (byte) 0x80};

        assertThat(scheme.verify(bytes, headers(scheme.sign(bytes, ID, SIGNED)), SIGNED))
                .isEqualTo(new Verified(ID));
    }

    @Test
    void duringRotationOldAndNewSendersAndReceiversWorkTogether() {
        var rotating = SignatureSchemeRegistry.create(
                "standard-webhooks",
                new SchemeOptions(PRIVATE + " " + OTHER_SECRET, SECRET, null, Duration.ofMinutes(5)));
        var signed = rotating.sign(BODY, ID, SIGNED);

        for (String secret : List.of(SECRET, OTHER_SECRET, PUBLIC)) {
            assertThat(scheme(secret).verify(BODY, headers(signed), SIGNED)).isEqualTo(new Verified(ID));
        }
        for (String secret : List.of(SECRET, OTHER_SECRET, PRIVATE)) {
            assertThat(rotating.verify(BODY, headers(scheme(secret).sign(BODY, ID, SIGNED)), SIGNED))
                    .isEqualTo(new Verified(ID));
        }
    }

    @Test
    void anIdThatNoHeaderCanCarryIsSentPercentEncodedAndStaysTheSame() {
        var signed = scheme.sign(BODY, "订单 1%\r\n", SIGNED);

        assertThat(signed).containsEntry("webhook-id", "%E8%AE%A2%E5%8D%95%201%25%0D%0A");
        assertThat(scheme.verify(BODY, headers(signed), SIGNED))
                .isEqualTo(new Verified("%E8%AE%A2%E5%8D%95%201%25%0D%0A"));
        // So that the receiver distinguishes "a b" from "a%20b".
        assertThat(scheme.sign(BODY, "a%20b", SIGNED)).containsEntry("webhook-id", "a%2520b");
    }

    @Test
    void aPublicKeyCannotSign() {
        assertThatThrownBy(() -> scheme(PUBLIC).sign(BODY, ID, SIGNED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("secret")
                .hasMessageContaining("whsk_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_",
                "whsec_MfKQ9r8G!YqrTwjUPD8I",
                "whsec-MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                // 64 bytes whose second half is not the public key of the first
                "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlaaaaaaaaaaAJ6p9lMicMFs6Kvg==",
                // 32 bytes that are no point of the curve
                "whpk_AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            })
    void anUnusableSecretFailsAtOnceAndIsNotQuoted(String secret) {
        assertThatThrownBy(() -> scheme(secret))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("secret ")
                .satisfies(e -> assertNotQuoted(e, secret));
        if (!secret.isEmpty()) {
            assertThatThrownBy(() -> SignatureSchemeRegistry.create(
                            "standard-webhooks", new SchemeOptions(SECRET, secret, null, Duration.ofMinutes(5))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("previousSecret ")
                    .satisfies(e -> assertNotQuoted(e, secret));
        }
    }

    private static void assertNotQuoted(Throwable thrown, String secret) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            assertThat(t.toString()).doesNotContain(secret.length() > 10 ? secret.substring(6, 11) : "\u0000");
        }
    }

    private RefusalReason verifyWith(String header, String value) {
        var headers = signedBy(V1);
        headers.put(header, value);
        return reason(scheme.verify(BODY, headers(headers), SIGNED));
    }

    private static Map<String, String> signedBy(String signatures) {
        return new HashMap<>(
                Map.of("webhook-id", ID, "webhook-timestamp", "1614265330", "webhook-signature", signatures));
    }

    private static SignatureScheme scheme(String secret) {
        return SignatureSchemeRegistry.create("standard-webhooks", SchemeOptions.secret(secret));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static RefusalReason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Refusal.class);
        return ((Refusal) verdict).reason();
    }
}
