package dev.serai.signature.platform;

import static dev.serai.support.AlipayPeer.APP_ID;
import static dev.serai.support.AlipayPeer.ID;
import static dev.serai.support.AlipayPeer.SELLER_ID;
import static dev.serai.support.AlipayPeer.payment;
import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.mutate;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.api.internal.util.AlipaySignature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Envelope;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Content;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.support.AlipayPeer;
import dev.serai.support.RequestFuzz;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlipaySchemeTest {
    private static final AlipayPeer PEER = AlipayPeer.create();
    private static final AlipayPeer OTHER = AlipayPeer.create();
    private static final String FORM = PEER.form(payment());
    private static final Instant NOW = Instant.parse("2026-11-20T02:34:57Z");

    private static SignatureScheme scheme(Map<String, String> options) {
        return SignatureSchemeRegistry.create("alipay", SchemeOptions.of(options));
    }

    private static SignatureScheme schemeWith(String name, String value) {
        Map<String, String> options = PEER.options();
        options.put(name, value);
        return scheme(options);
    }

    private static Verdict verify(SignatureScheme scheme, byte[] form) {
        return scheme.verify(form, headers(Map.of()), NOW);
    }

    private static Verdict verify(String form) {
        return verify(scheme(PEER.options()), form.getBytes(ISO_8859_1));
    }

    private static Map<String, String> paymentWith(String name, String value) {
        Map<String, String> fields = payment();
        fields.put(name, value);
        return fields;
    }

    private static RefusalReason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Refusal.class);
        String detail = ((Refusal) verdict).detail();
        assertThat(detail).doesNotContain("canary", "P-1", APP_ID, SELLER_ID, ID, "MII");
        return ((Refusal) verdict).reason();
    }

    private static Map<String, String> content(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verified.class);
        Content content = ((Verified) verdict).content();
        assertThat(content).isNotNull();
        assertThat(content.contentType()).isEqualTo("application/json");
        try {
            return new ObjectMapper().readValue(content.body(), new TypeReference<TreeMap<String, String>>() {});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** All signed fields except the time of the attempt, which is in a header. */
    private static void assertVerified(Verdict verdict, Map<String, String> fields) {
        Map<String, String> expected = new TreeMap<>(fields);
        String time = expected.remove("notify_time");
        assertThat(content(verdict)).isEqualTo(expected);
        assertThat(((Verified) verdict).id()).isEqualTo(fields.get("notify_id"));
        assertThat(((Verified) verdict).content().headers()).isEqualTo(Map.of("Alipay-Notify-Time", time));
    }

    // ---- Alipay's own library and this code accept each other's signatures

    @Test
    void aFormSignedByAlipaysLibraryIsPassedOnAsJsonOfStrings() throws Exception {
        Map<String, String> fields = payment();
        assertVerified(verify(FORM), fields);
        assertThat(AlipaySignature.rsaCheckV1(decoded(FORM), PEER.publicKey(), "utf-8", "RSA2"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-8", "UTF-8", "GBK", "gbk", "GB2312", "GB18030", "ISO-8859-1"})
    void theFormIsReadInTheCharsetThatItNames(String charset) {
        String subject = charset.startsWith("ISO") ? "Größe" : charset.equals("GB18030") ? "大乐透 㐀 😀" : "大乐透";
        Map<String, String> fields = paymentWith("charset", charset);
        fields.put("subject", subject);

        assertVerified(verify(PEER.form(fields)), fields);
    }

    @Test
    void withoutACharsetItIsUtf8() {
        Map<String, String> fields = payment();
        fields.remove("charset");

        assertVerified(verify(PEER.form(fields)), fields);
    }

    @Test
    void textThatFrameworksOftenEscapeIsPassedOnUnchanged() {
        Map<String, String> fields = paymentWith("fund_bill_list", "[{\"amount\":\"0.01\",\"x\":\"<'&quot;>\"}]");
        fields.put("passback_params", "merchantBizType%3d3C%26merchantBizNo%3d1");
        fields.put("body", "a+b = c\r\n\ttab https://shop.example/?a=1&b=2");

        assertVerified(verify(PEER.form(fields)), fields);
    }

    @Test
    void signedEmptyFieldsArePassedOn() {
        Map<String, String> fields = paymentWith("body", "");
        String content =
                new TreeMap<>(fields).entrySet().stream().map(Object::toString).collect(Collectors.joining("&"));
        assertThat(content).contains("&buyer_id=").startsWith("app_id=").contains("body=&");

        assertVerified(verify(signed(fields, content)), fields);
    }

    @Test
    void alipaysLibraryDoesNotSignEmptyFields() {
        Map<String, String> fields = paymentWith("body", "");
        assertThat(AlipaySignature.getSignCheckContentV1(new HashMap<>(fields))).doesNotContain("body=");

        assertVerified(verify(PEER.form(fields)), payment());
    }

    @Test
    void unsignedEmptyFieldsAreDropped() {
        assertVerified(verify(FORM + "&body=&refund_fee"), payment());
    }

    /** The fields with the signature of this text. */
    private static String signed(Map<String, String> fields, String content) {
        Map<String, String> all = new LinkedHashMap<>(fields);
        all.put("sign_type", "RSA2");
        all.put("sign", PEER.sign(content, "utf-8"));
        return AlipayPeer.encode(all);
    }

    @Test
    void theOrderOfTheFieldsDoesNotMatterAndGivesTheSameContent() {
        List<String> fields = new ArrayList<>(List.of(FORM.split("&")));
        Collections.shuffle(fields, new Random(1));
        Verdict shuffled = verify(String.join("&", fields));

        assertVerified(shuffled, payment());
        assertThat(((Verified) shuffled).content().body())
                .isEqualTo(((Verified) verify(FORM)).content().body());
    }

    @Test
    void anotherAttemptOfANotificationHasTheSameContentUnderTheSameId() {
        Verified first = (Verified) verify(FORM);
        Verified again = (Verified) verify(PEER.form(paymentWith("notify_time", "2026-11-20 10:38:57")));

        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.content().body()).isEqualTo(first.content().body());
        assertThat(again.content().headers()).containsEntry("Alipay-Notify-Time", "2026-11-20 10:38:57");
    }

    @Test
    void alipaysLibraryVerifiesOurSignature() throws Exception {
        Envelope sealed = scheme(Map.of("privateKey", PEER.privateKey()))
                .seal(
                        utf8("{\"out_trade_no\":\"P-1\",\"subject\":\"大乐透 + 1\",\"total_amount\":65.00,\"body\":null,"
                                + "\"fund_bill_list\":[{\"amount\":\"65.00\"}],\"sign\":\"old\"}"),
                        ID,
                        NOW);

        Map<String, String> fields = decoded(new String(sealed.body(), UTF_8));
        assertThat(fields)
                .containsEntry("total_amount", "65.00")
                .containsEntry("fund_bill_list", "[{\"amount\":\"65.00\"}]")
                .containsEntry("notify_id", ID)
                .containsEntry("notify_time", "2026-11-20 10:34:57")
                .doesNotContainKey("body");
        assertThat(AlipaySignature.rsaCheckV1(new HashMap<>(fields), PEER.publicKey(), "utf-8", "RSA2"))
                .isTrue();
        fields.keySet().removeAll(List.of("sign", "sign_type"));
        assertVerified(verify(scheme(PEER.options()), sealed.body()), fields);
        assertThat(sealed.contentType()).startsWith("application/x-www-form-urlencoded");
        assertThat(sealed.headers()).isEmpty();
    }

    private static Map<String, String> decoded(String form) {
        return Stream.of(form.split("&"))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(field -> field[0], field -> URLDecoder.decode(field[1], UTF_8)));
    }

    // ---- Keys

    @Test
    void aKeyIsReplacedWithoutALostNotification(@TempDir Path folder) throws Exception {
        String renewed = OTHER.form(payment());
        String broken = OTHER.publicKey().replaceAll("(.{64})", "$1\n");
        Path file = Files.writeString(folder.resolve("keys.pem"), PEER.publicPem() + "\n" + OTHER.publicPem());
        for (String both : List.of(
                PEER.publicKey() + " " + OTHER.publicKey(),
                broken + "\n" + PEER.publicKey(),
                OTHER.publicPem() + PEER.publicPem(),
                "file:" + file)) {
            SignatureScheme scheme = schemeWith("alipayPublicKey", both);
            assertVerified(verify(scheme, utf8(FORM)), payment());
            assertVerified(verify(scheme, utf8(renewed)), payment());
        }
        assertThat(reason(verify(renewed))).isEqualTo(RefusalReason.FORGED);
    }

    // ---- Refusals

    @ParameterizedTest
    @CsvSource({
        "total_amount, 0.01",
        "trade_status, TRADE_CLOSED",
        "notify_id, another",
        "notify_time, 2026-11-20 10:38:57",
        "charset, GBK",
        "total_amount, ''",
        "added, x",
    })
    void aTamperedFieldIsForged(String name, String value) {
        Map<String, String> fields = decoded(FORM);
        fields.put(name, value);

        assertThat(reason(verify(AlipayPeer.encode(fields)))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void aRemovedFieldIsForged() {
        Map<String, String> fields = decoded(FORM);
        fields.remove("seller_id");

        assertThat(reason(verify(AlipayPeer.encode(fields)))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void fieldsThatAreJoinedOrSplitGiveTheSameSignedTextAndAreRefused() {
        assertThat(reason(verify(FORM.replace("&notify_time=", "%26notify_time%3D"))))
                .as("fields that do not follow each other")
                .isEqualTo(RefusalReason.FORGED);
        List<String> sorted = new ArrayList<>(new TreeMap<>(decoded(FORM)).keySet());
        String value = AlipayPeer.encode(new TreeMap<>(decoded(FORM)));
        assertThat(sorted.indexOf("notify_time")).isEqualTo(sorted.indexOf("notify_id") + 1);
        for (String joined : List.of(
                value.replace("&notify_time=", "%26notify_time%3D"),
                value.replace("&notify_type=", "%26notify_type%3D"),
                value.replace("app_id=" + APP_ID + "&buyer_id=", "app_id%3D" + APP_ID + "%26buyer_id="),
                value.replace("&version=", "%26version%3D"))) {
            assertThat(joined).isNotEqualTo(value);
            assertThat(reason(verify(joined))).as(joined).isEqualTo(RefusalReason.MALFORMED);
        }
    }

    @Test
    void theUnsignedTypeCanRefuseButNotChooseTheAlgorithm() throws Exception {
        Map<String, String> sha1 = payment();
        String content = AlipaySignature.getSignCheckContentV1(new HashMap<>(sha1));
        sha1.put("sign", AlipaySignature.rsaSign(content, PEER.privateKey(), "utf-8"));
        assertThat(reason(verify(AlipayPeer.encode(sha1)))).isEqualTo(RefusalReason.FORGED);
        sha1.put("sign_type", "RSA2");
        assertThat(reason(verify(AlipayPeer.encode(sha1)))).isEqualTo(RefusalReason.FORGED);
        sha1.put("sign_type", "RSA");
        Verdict refused = verify(AlipayPeer.encode(sha1));
        assertThat(reason(refused)).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(((Refusal) refused).detail()).contains("SHA-1").contains("choose RSA2");

        assertThat(reason(verify(FORM.replace("sign_type=RSA2", "sign_type=MD5"))))
                .isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertVerified(verify(FORM.replace("&sign_type=RSA2", "")), payment());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&", "{}", "a", "a=1", "<xml/>", "sign=", "sign"})
    void withoutASignatureItIsNoNotification(String body) {
        assertThat(reason(verify(body))).isIn(RefusalReason.MISSING, RefusalReason.MALFORMED);
    }

    static List<String> malformed() {
        return List.of(
                FORM + "&notify_id=" + ID,
                FORM + "&sign=x",
                FORM + "&sign_type=RSA2",
                FORM + "&a=1&a=1",
                FORM + "&a=%",
                FORM + "&a=%4",
                FORM + "&a=%zz",
                FORM + "&a=%-1",
                FORM + "&=1",
                FORM + "&a b=1",
                FORM + "&a%26b=1",
                FORM + "&a=%ff",
                FORM.replace("charset=utf-8", "charset=UTF-16"),
                FORM.replace("charset=utf-8", "charset=%e4"),
                FORM.replace("charset=utf-8", "charset=GBK") + "&a=%81",
                "%" + FORM);
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aFormWithRepeatedFieldsOrAnotherBodyIsMalformed(String form) {
        assertThat(reason(verify(form))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void anInvalidSignatureIsForged() {
        for (String sign : List.of("AAAA", "not base64!", "%E4%B8%AD", "A".repeat(100_000))) {
            assertThat(reason(verify(FORM.replaceFirst("sign=[^&]+", "sign=" + sign))))
                    .isEqualTo(RefusalReason.FORGED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä"})
    void aSignedFormWithoutAnIdIsMalformed(String id) {
        assertThat(reason(verify(PEER.form(paymentWith("notify_id", id))))).isEqualTo(RefusalReason.MALFORMED);
    }

    // ---- Whose it is

    @ParameterizedTest
    @CsvSource({
        "appId, 2014072300007148, true",
        "appId, 1 2014072300007148, true",
        "appId, 2014072300007149, false",
        "sellerId, 2088101106499364, true",
        "sellerId, 1 2088101106499364, true",
        "sellerId, 2088101106499365, false",
    })
    void appAndSellerHaveToMatch(String option, String value, boolean matches) {
        Verdict verdict = verify(schemeWith(option, value), utf8(FORM));

        if (matches) {
            assertVerified(verdict, payment());
        } else {
            assertThat(reason(verdict)).isEqualTo(RefusalReason.UNKNOWN_KEY);
        }
    }

    @Test
    void requiredFieldsMustBePresent() {
        Map<String, String> fields = payment();
        fields.remove("seller_id");
        fields.remove("app_id");
        byte[] form = utf8(PEER.form(fields));

        assertThat(reason(verify(schemeWith("appId", APP_ID), form))).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(reason(verify(schemeWith("sellerId", SELLER_ID), form))).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertVerified(verify(scheme(PEER.options()), form), fields);
    }

    @Test
    void theAnswerToAForgeryDoesNotNameTheAcceptedApps() {
        assertThat(reason(verify(schemeWith("appId", "7"), utf8(OTHER.form(payment())))))
                .isEqualTo(RefusalReason.FORGED);
    }

    // ---- Answers

    @Test
    void theAnswersAreThoseThatAlipayExpects() {
        Acknowledgement accepted = scheme(PEER.options()).accepted();
        Acknowledgement failed = scheme(PEER.options()).failed(503, "a reason");

        assertThat(accepted).isNotNull();
        assertThat(accepted.status()).isEqualTo(200);
        assertThat(accepted.contentType()).isEqualTo("text/plain");
        assertThat(accepted.body()).isEqualTo(utf8("success")).hasSize(7);
        assertThat(failed).isNotNull();
        assertThat(failed.status()).isEqualTo(503);
        assertThat(failed.body()).isEqualTo(utf8("fail"));
    }

    // ---- Configuration

    static List<Map<String, String>> impossible() {
        List<Map<String, String>> all = new ArrayList<>();
        all.add(Map.of());
        all.add(Map.of("alipayPublicKey", "hidden-canary"));
        all.add(Map.of("alipayPublicKey", PEER.publicKey() + " hidden-canary"));
        all.add(Map.of("alipayPublicKey", PEER.publicKey() + " AAAA"));
        all.add(Map.of("alipayPublicKey", PEER.publicPem() + " hidden-canary"));
        all.add(Map.of("alipayPublicKey", PEER.privateKey()));
        all.add(Map.of("alipayPublicKey", "file:/nowhere/at/all.pem"));
        all.add(Map.of("alipayPublicKey", PEER.publicKey(), "privateKey", "hidden-canary"));
        return all;
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void invalidOptionsAreRefusedAtTheStartByName(Map<String, String> options) {
        assertThatThrownBy(() -> scheme(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s)^(alipayPublicKey|privateKey)\\b.*")
                .hasMessageNotContaining("canary")
                .hasMessageNotContaining("MII");
    }

    @Test
    void sealingNeedsAPrivateKeyAndAJsonObject() {
        assertThatThrownBy(() -> scheme(PEER.options()).seal(utf8("{}"), ID, NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("privateKey");
        for (String body : List.of("canary", "[\"canary\"]", "null")) {
            assertThatThrownBy(() -> schemeWith("privateKey", PEER.privateKey()).seal(utf8(body), ID, NOW))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("canary")
                    .hasMessageContaining("JSON object");
        }
    }

    // ---- Random input

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedFormsNeverThrowAndNeverGiveOtherContent(long seed) {
        Random random = new Random(seed);
        SignatureScheme scheme = scheme(PEER.options());
        for (int i = 0; i < 10 * RequestFuzz.REQUESTS; i++) {
            Verdict verdict = verify(scheme, mutate(utf8(FORM), random));
            if (verdict instanceof Verified) {
                assertVerified(verdict, payment());
            } else {
                reason(verdict);
            }
        }
    }

    /** Signed by the peer, so that the steps after the signature check are reached. */
    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void anythingThatIsSignedIsReadWithoutAnException(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < RequestFuzz.REQUESTS / 2; i++) {
            Map<String, String> fields = payment();
            List<String> names = List.copyOf(fields.keySet());
            String name = names.get(random.nextInt(names.size()));
            if (!name.equals("charset")) {
                fields.put(name, new String(mutate(utf8(fields.get(name)), random), ISO_8859_1));
                verify(PEER.form(fields));
            }
        }
    }
}
