package dev.serai.signature.platform;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.mutate;
import static dev.serai.support.Requests.utf8;
import static dev.serai.support.WeChatPayPeer.API_V3_KEY;
import static dev.serai.support.WeChatPayPeer.APPID;
import static dev.serai.support.WeChatPayPeer.KEY_ID;
import static dev.serai.support.WeChatPayPeer.MCHID;
import static dev.serai.support.WeChatPayPeer.OTHER_API_V3_KEY;
import static dev.serai.support.WeChatPayPeer.PAYMENT;
import static dev.serai.support.WeChatPayPeer.REFUND;
import static dev.serai.support.WeChatPayPeer.notification;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.wechat.pay.java.core.notification.NotificationParser;
import com.wechat.pay.java.core.notification.RSANotificationConfig;
import com.wechat.pay.java.core.notification.RSAPublicKeyNotificationConfig;
import com.wechat.pay.java.core.notification.RequestParam;
import com.wechat.pay.java.service.payments.model.Transaction;
import com.wechat.pay.java.service.refund.model.RefundNotification;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Envelope;
import dev.serai.signature.HeaderLookup;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.support.RequestFuzz;
import dev.serai.support.RsaKeys;
import dev.serai.support.TestCertificate;
import dev.serai.support.WeChatPayPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeChatPaySchemeTest {
    private static final WeChatPayPeer PEER = WeChatPayPeer.create();
    private static final WeChatPayPeer OTHER = new WeChatPayPeer(RsaKeys.next(), KEY_ID.replaceFirst("1$", "2"));
    private static final String ID = "EV-2018022511223320873";
    private static final String BODY = notification(ID, PAYMENT);
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final Map<String, String> signed = PEER.sign(BODY, NOW);

    private static SignatureScheme scheme(Map<String, String> options) {
        return SignatureSchemeRegistry.create("wechatpay", SchemeOptions.of(options));
    }

    private static SignatureScheme schemeWith(String name, String value) {
        Map<String, String> options = PEER.options();
        options.put(name, value);
        return scheme(options);
    }

    private static Verdict verify(SignatureScheme scheme, String body, Map<String, String> headers) {
        return scheme.verify(utf8(body), headers(headers), NOW);
    }

    /** A notification that the peer signed. */
    private static Verdict verify(SignatureScheme scheme, String body) {
        return verify(scheme, body, PEER.sign(body, NOW));
    }

    private static RefusalReason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Refusal.class);
        String detail = ((Refusal) verdict).detail();
        assertThat(detail).doesNotContain(API_V3_KEY, "canary", "P-1", MCHID, APPID, ID);
        return ((Refusal) verdict).reason();
    }

    private static void assertVerified(Verdict verdict, String resource) {
        assertThat(verdict).isInstanceOfSatisfying(Verified.class, verified -> {
            assertThat(verified.id()).isEqualTo(ID);
            assertThat(verified.content()).isNotNull();
            assertThat(new String(verified.content().body(), UTF_8)).isEqualTo(resource);
            assertThat(verified.content().contentType()).isEqualTo("application/json");
            assertThat(verified.content().headers()).containsEntry("Wechatpay-Event-Type", "TRANSACTION.SUCCESS");
        });
    }

    // ---- WeChat Pay's own library and this code accept each other's messages

    @Test
    void aNotificationOfWechatPaysLibraryIsVerifiedAndDecrypted() {
        assertVerified(verify(PEER.scheme(), BODY, signed), PAYMENT);
    }

    @Test
    void theAssociatedDataMayBeEmptyOrMissing() {
        for (String associatedData : Arrays.asList("", null, "transaction")) {
            assertVerified(verify(PEER.scheme(), notification(ID, PAYMENT, API_V3_KEY, associatedData)), PAYMENT);
        }
        String withNull = notification(ID, PAYMENT, API_V3_KEY, "")
                .replace("\"associated_data\": \"\"", "\"associated_data\": null");
        assertThat(withNull).contains("null");
        assertVerified(verify(PEER.scheme(), withNull), PAYMENT);
    }

    @Test
    void wechatPaysLibraryReadsOurSealedPayment() {
        Transaction payment = parser().parse(param(seal(PAYMENT)), Transaction.class);

        assertThat(payment.getOutTradeNo()).isEqualTo("P-1");
        assertThat(payment.getTradeState()).isEqualTo(Transaction.TradeStateEnum.SUCCESS);
        assertThat(payment.getAmount().getTotal()).isEqualTo(6500);
        assertThat(payment.getTradeStateDesc()).isEqualTo("支付成功");
    }

    @Test
    void wechatPaysLibraryReadsOurSealedRefund() throws Exception {
        Envelope sealed = seal(REFUND);

        assertThat(parser().parse(param(sealed), RefundNotification.class).getOutRefundNo())
                .isEqualTo("R-1");
        JsonNode notification = new ObjectMapper().readTree(sealed.body());
        assertThat(notification.path("event_type").asText()).isEqualTo("REFUND.SUCCESS");
        assertThat(notification.at("/resource/original_type").asText()).isEqualTo("refund");
        assertThat(notification.path("id").asText()).isEqualTo(ID);
    }

    @Test
    void ourSealedNotificationIsVerified() {
        Envelope sealed = seal(PAYMENT);

        assertThat(sealed.contentType()).isEqualTo("application/json");
        assertVerified(PEER.scheme().verify(sealed.body(), headers(sealed.headers()), NOW), PAYMENT);
    }

    private static Envelope seal(String resource) {
        return scheme(Map.of("apiV3Key", API_V3_KEY, "privateKey", PEER.privatePem(), "serial", KEY_ID))
                .seal(utf8(resource), ID, NOW);
    }

    private static NotificationParser parser() {
        return new NotificationParser(new RSAPublicKeyNotificationConfig.Builder()
                .publicKey(PEER.pair().getPublic())
                .publicKeyId(KEY_ID)
                .apiV3Key(API_V3_KEY)
                .build());
    }

    private static RequestParam param(Envelope envelope) {
        return new RequestParam.Builder()
                .serialNumber(envelope.headers().get("Wechatpay-Serial"))
                .timestamp(envelope.headers().get("Wechatpay-Timestamp"))
                .nonce(envelope.headers().get("Wechatpay-Nonce"))
                .signature(envelope.headers().get("Wechatpay-Signature"))
                .signType(envelope.headers().get("Wechatpay-Signature-Type"))
                .body(new String(envelope.body(), UTF_8))
                .build();
    }

    // ---- Keys

    @Test
    void aCertificatesKeyIsFoundByItsSerialWhileTheCertificateIsValid() throws Exception {
        TestCertificate old = TestCertificate.create("old");
        TestCertificate current = TestCertificate.create("current");
        SignatureScheme both = scheme(Map.of("apiV3Key", API_V3_KEY, "certificates", old.pem() + current.pem()));

        for (TestCertificate certificate : List.of(old, current)) {
            Map<String, String> headers = certificate.peer().sign(BODY, NOW);
            assertVerified(verify(both, BODY, headers), PAYMENT);
            headers.put("Wechatpay-Serial", "00" + certificate.serial().toLowerCase(Locale.ROOT));
            assertVerified(verify(both, BODY, headers), PAYMENT);
            assertThat(readByTheLibrary(certificate, headers)).isEqualTo("P-1");
        }
        Map<String, String> swapped = old.peer().sign(BODY, NOW);
        swapped.put("Wechatpay-Serial", current.serial());
        assertThat(reason(verify(both, BODY, swapped))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(both, BODY, signed))).isEqualTo(RefusalReason.UNKNOWN_KEY);

        assertOnlyValidInItsTime(both, old, Duration.ofDays(3), "expired");
        assertOnlyValidInItsTime(both, old, Duration.ofDays(-2), "not valid yet");
    }

    private static String readByTheLibrary(TestCertificate certificate, Map<String, String> headers) {
        var parser = new NotificationParser(new RSANotificationConfig.Builder()
                .certificates(certificate.certificate())
                .apiV3Key(API_V3_KEY)
                .build());
        var param = param(new Envelope(headers, null, utf8(BODY), null));
        return parser.parse(param, Transaction.class).getOutTradeNo();
    }

    private static void assertOnlyValidInItsTime(
            SignatureScheme scheme, TestCertificate certificate, Duration off, String why) {
        Instant then = NOW.plus(off);
        Verdict verdict = scheme.verify(utf8(BODY), headers(certificate.peer().sign(BODY, then)), then);
        assertThat(reason(verdict)).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(((Refusal) verdict).detail()).contains(why);
    }

    @Test
    void publicKeysAndCertificatesWorkSideBySideWhileAMerchantChangesOver(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.create("platform");
        Path file = Files.writeString(folder.resolve("bundle.pem"), "A comment.\n" + certificate.pem());
        SignatureScheme both = schemeWith("certificates", "file:" + file);

        assertVerified(verify(both, BODY, signed), PAYMENT);
        assertVerified(verify(both, BODY, certificate.peer().sign(BODY, NOW)), PAYMENT);
    }

    @Test
    void aPublicKeyIsReplacedWithoutALostRequest() {
        Map<String, String> two = PEER.options();
        two.put("publicKeyId", KEY_ID + " " + OTHER.options().get("publicKeyId"));
        two.put("publicKey", PEER.publicPem() + "\n" + OTHER.publicPem());
        Map<String, String> renewed = OTHER.sign(BODY, NOW);

        assertVerified(verify(scheme(two), BODY, signed), PAYMENT);
        assertVerified(verify(scheme(two), BODY, renewed), PAYMENT);
        assertVerified(verify(OTHER.scheme(), BODY, renewed), PAYMENT);
        assertThat(reason(verify(OTHER.scheme(), BODY, signed))).isEqualTo(RefusalReason.UNKNOWN_KEY);
        renewed.put("Wechatpay-Serial", KEY_ID);
        assertThat(reason(verify(scheme(two), BODY, renewed))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void theApiV3KeyIsReplacedWithoutALostRequest() {
        String renewed = notification(ID, PAYMENT, OTHER_API_V3_KEY, "transaction");
        SignatureScheme both = schemeWith("apiV3Key", OTHER_API_V3_KEY + " " + API_V3_KEY);

        assertVerified(verify(both, BODY), PAYMENT);
        assertVerified(verify(both, renewed), PAYMENT);
        assertThat(reason(verify(PEER.scheme(), renewed))).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(reason(verify(schemeWith("apiV3Key", OTHER_API_V3_KEY), BODY)))
                .isEqualTo(RefusalReason.UNKNOWN_KEY);
    }

    @Test
    void theWrongKeyUnderTheRightNameIsForged() {
        WeChatPayPeer forger = new WeChatPayPeer(RsaKeys.next(), KEY_ID);

        assertThat(reason(verify(PEER.scheme(), BODY, forger.sign(BODY, NOW)))).isEqualTo(RefusalReason.FORGED);
    }

    // ---- Refusals

    @Test
    void aTamperedOrReserialisedBodyIsForgedAndNotDecrypted() throws Exception {
        String reserialised = new ObjectMapper().readTree(BODY).toString();

        assertThat(reason(verify(PEER.scheme(), reserialised, signed))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(PEER.scheme(), BODY + "\n", signed))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(PEER.scheme(), "", signed))).isEqualTo(RefusalReason.FORGED);
    }

    @ParameterizedTest
    @CsvSource({
        "Wechatpay-Nonce, d824f2e086d3c1df967785d13fcd22ee, FORGED",
        "Wechatpay-Nonce, 'a b', MALFORMED",
        "Wechatpay-Nonce, '', MISSING",
        "Wechatpay-Timestamp, soon, MALFORMED",
        "Wechatpay-Timestamp, '-1', MALFORMED",
        "Wechatpay-Timestamp, '', MISSING",
        "Wechatpay-Signature, AAAA, FORGED",
        "Wechatpay-Signature, '', MISSING",
        "Wechatpay-Signature, 'not base64!', MALFORMED",
        "Wechatpay-Signature, WECHATPAY/SIGNTEST/AAAA, PROBE",
        "Wechatpay-Serial, PUB_KEY_ID_2, UNKNOWN_KEY",
        "Wechatpay-Serial, '', MISSING",
        "Wechatpay-Signature-Type, WECHATPAY2-SM2-WITH-SM3, UNKNOWN_KEY",
    })
    void aTamperedHeaderIsRefused(String header, String value, RefusalReason expected) {
        signed.put(header, value);

        assertThat(reason(verify(PEER.scheme(), BODY, signed))).isEqualTo(expected);
    }

    @Test
    void theSignatureTypeMayBeMissing() {
        signed.remove("Wechatpay-Signature-Type");

        assertVerified(verify(PEER.scheme(), BODY, signed), PAYMENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Wechatpay-Serial",
                "Wechatpay-Timestamp",
                "Wechatpay-Nonce",
                "Wechatpay-Signature",
                "Wechatpay-Signature-Type"
            })
    void aRepeatedHeaderIsRefused(String header) {
        HeaderLookup twice = name -> name.equals(header)
                ? List.of(signed.get(name), signed.get(name))
                : headers(signed).values(name);

        assertThat(reason(PEER.scheme().verify(utf8(BODY), twice, NOW))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void aRequestIsFreshForLessThanFiveMinutesToEitherSide() {
        for (long off : List.of(-299L, 0L, 299L)) {
            assertVerified(PEER.scheme().verify(utf8(BODY), headers(signed), NOW.plusSeconds(off)), PAYMENT);
        }
        for (long off : List.of(-300L, 300L, 86_400L)) {
            assertThat(reason(PEER.scheme().verify(utf8(BODY), headers(signed), NOW.plusSeconds(off))))
                    .isEqualTo(RefusalReason.STALE);
        }
    }

    static List<String> genuineButNoNotification() {
        return List.of(
                "",
                "[]",
                "null",
                "7",
                "{}",
                "{",
                BODY + "{}",
                BODY.replace("\"id\": \"" + ID + "\",", ""),
                BODY.replace(ID, ""),
                BODY.replace(ID, "ä b"),
                BODY.replace("AEAD_AES_256_GCM", "AEAD_AES_128_GCM"),
                BODY.replace("\"nonce\": \"fdasflkja484\"", "\"nonce\": \"\""),
                BODY.replaceFirst("\"ciphertext\": \"", "\"ciphertext\": \"!"),
                BODY.replaceFirst("\"ciphertext\": \"[^\"]+", "\"ciphertext\": \""),
                BODY.replaceFirst("\"id\": ", "\"id\": \"first\", \"id\": "),
                "{\"id\":\"x\",\"resource\":\"text\"}",
                "[".repeat(100_000),
                notification(ID, "no JSON"),
                notification(ID, "[" + PAYMENT + "]"));
    }

    @ParameterizedTest
    @MethodSource("genuineButNoNotification")
    void aSignedBodyThatIsNotANotificationIsMalformed(String body) {
        assertThat(reason(verify(PEER.scheme(), body))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void aChangedCiphertextCannotBeDecrypted() {
        Stream.of(
                        BODY.replace("\"nonce\": \"fdasflkja484\"", "\"nonce\": \"fdasflkja485\""),
                        BODY.replace("\"associated_data\": \"transaction\"", "\"associated_data\": \"refund\""),
                        BODY.replaceFirst("\"ciphertext\": \"[^\"]+", "\"ciphertext\": \"AAAA"))
                .forEach(body -> assertThat(reason(verify(PEER.scheme(), body))).isEqualTo(RefusalReason.UNKNOWN_KEY));
    }

    // ---- Whose it is

    @ParameterizedTest
    @CsvSource({
        "mchid, 1900000109, true",
        "mchid, 1900000108 1900000109, true",
        "mchid, 1900000108, false",
        "appid, wxd678efh567hg6787, true",
        "appid, wxd678efh567hg6788, false",
    })
    void merchantAndAppHaveToMatch(String option, String value, boolean matches) {
        Verdict verdict = verify(schemeWith(option, value), BODY, signed);

        if (matches) {
            assertVerified(verdict, PAYMENT);
        } else {
            assertThat(reason(verdict)).isEqualTo(RefusalReason.UNKNOWN_KEY);
        }
    }

    @Test
    void aServiceProvidersPaymentMatchesByEitherMerchant() {
        String resource = PAYMENT.replace("\"mchid\"", "\"sp_mchid\":\"1900000001\",\"sub_mchid\"");
        String body = notification(ID, resource);

        assertVerified(verify(schemeWith("mchid", MCHID), body), resource);
        assertVerified(verify(schemeWith("mchid", "1900000001"), body), resource);
        assertThat(reason(verify(schemeWith("mchid", "1900000002"), body))).isEqualTo(RefusalReason.UNKNOWN_KEY);
    }

    @Test
    void aFilterAppliesOnlyToWhatCanCarryIt() {
        assertVerified(verify(schemeWith("appid", APPID), notification(ID, REFUND)), REFUND);
        SignatureScheme filtered = schemeWith("mchid", MCHID);
        String complaint = "{\"complaint_id\":\"200201820200101080076610000\",\"action_type\":\"CREATE_COMPLAINT\"}";
        assertVerified(verify(filtered, notification(ID, complaint)), complaint);
        for (String field : List.of("mch_id", "stock_creator_mchid")) {
            String mine = "{\"" + field + "\":\"" + MCHID + "\",\"state\":\"SUCCESS\"}";
            assertVerified(verify(filtered, notification(ID, mine)), mine);
            assertThat(reason(verify(filtered, notification(ID, mine.replace(MCHID, "1900000108")))))
                    .isEqualTo(RefusalReason.UNKNOWN_KEY);
        }
    }

    // ---- Answers

    @Test
    void theAnswersAreThoseThatWechatPayExpects() {
        Acknowledgement accepted = PEER.scheme().accepted();
        Acknowledgement failed = PEER.scheme().failed(401, "A \"quoted\" reason " + "x".repeat(500));

        assertThat(accepted).isNotNull();
        assertThat(accepted.status()).isEqualTo(204);
        assertThat(accepted.body()).isEmpty();
        assertThat(failed).isNotNull();
        assertThat(failed.status()).isEqualTo(401);
        assertThat(failed.contentType()).isEqualTo("application/json");
        assertThat(new String(failed.body(), UTF_8))
                .startsWith("{\"code\":\"FAIL\",\"message\":\"A \\\"quoted\\\" reason xxx")
                .hasSizeLessThan(300);
    }

    // ---- Configuration

    static List<Map<String, String>> impossible() {
        List<Map<String, String>> all = new ArrayList<>();
        all.add(with("apiV3Key", "hidden-canary"));
        all.add(with("apiV3Key", API_V3_KEY + " hidden-canary"));
        all.add(with("apiV3Key", ""));
        all.add(with("publicKey", "hidden-canary"));
        all.add(with("publicKey", ""));
        all.add(with("publicKeyId", ""));
        all.add(with("publicKeyId", KEY_ID + " PUB_KEY_ID_2"));
        all.add(with("publicKey", PEER.privatePem()));
        all.add(with("certificates", PEER.publicPem()));
        all.add(with("certificates", "file:/nowhere/at/all.pem"));
        all.add(with("privateKey", "hidden-canary"));
        all.add(Map.of("apiV3Key", API_V3_KEY));
        return all;
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> options = new HashMap<>(PEER.options());
        options.put(name, value);
        return options;
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void invalidOptionsAreRefusedAtTheStartByName(Map<String, String> options) {
        assertThatThrownBy(() -> scheme(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s)^(apiV3Key|publicKey|publicKeyId|certificates|privateKey)\\b.*")
                .hasMessageNotContaining("canary")
                .hasMessageNotContaining(API_V3_KEY)
                .hasMessageNotContaining("MII");
    }

    @Test
    void sealingNeedsAPrivateKey() {
        assertThatThrownBy(() -> PEER.scheme().seal(utf8(PAYMENT), ID, NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("privateKey");
    }

    // ---- Random input

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedRequestsAreRefusedAndNeverThrow(long seed) {
        Random random = new Random(seed);
        SignatureScheme scheme = PEER.scheme();
        List<String> names = signed.keySet().stream().sorted().toList();
        for (int i = 0; i < 10 * RequestFuzz.REQUESTS; i++) {
            byte[] body = utf8(BODY);
            Map<String, String> headers = new HashMap<>(signed);
            if (random.nextBoolean()) {
                body = mutate(body, random);
            } else {
                String name = names.get(random.nextInt(names.size()));
                headers.put(name, new String(mutate(utf8(headers.get(name)), random), UTF_8));
            }
            boolean same = Arrays.equals(body, utf8(BODY)) && headers.equals(signed);
            Verdict verdict = scheme.verify(body, headers(headers), NOW);
            if (!same && verdict instanceof Verified) {
                // Only an empty type may differ, which WeChat Pay allows.
                assertThat(body).as("seed %d", seed).isEqualTo(utf8(BODY));
                assertThat(headers.get("Wechatpay-Signature-Type"))
                        .as("seed %d", seed)
                        .isBlank();
            }
        }
    }

    /** Signed by the peer, so that decrypting and reading are reached. */
    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedBodiesThatAreSignedNeverThrowAndNeverGiveOtherContent(long seed) {
        Random random = new Random(seed);
        SignatureScheme scheme = PEER.scheme();
        for (int i = 0; i < RequestFuzz.REQUESTS / 2; i++) {
            String body = new String(mutate(utf8(BODY), random), UTF_8);
            if (verify(scheme, body) instanceof Verified verified && verified.content() != null) {
                assertThat(new String(verified.content().body(), UTF_8))
                        .as("seed %d", seed)
                        .isEqualTo(PAYMENT);
            }
        }
    }
}
