package dev.serai.signature.platform;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.api.internal.util.AlipaySignature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.support.AlipayPeer;
import dev.serai.support.RequestFuzz;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlipayAuthTest {
    private static final AlipayPeer ALIPAY = AlipayPeer.create();
    private static final AlipayPeer APP = AlipayPeer.create();
    private static final String GATEWAY = "https://openapi.alipay.com/gateway.do";
    private static final String QUESTION = GATEWAY
            + "?method=alipay.trade.query&biz_content=%7B%22out_trade_no%22:%22P-1%22,%22note%22:%22%E5%BE%AE+a%2Bb%22%7D";
    private static final String RESPONSE =
            "{\"code\":\"10000\", \"msg\":\"Success\",\"subject\":\"大乐透 }\\\" {\",\"list\":[{\"a\":1.00}],\"u\":\"https:\\/\\/x\"}";
    private static final Instant NOW = Instant.parse("2026-11-20T16:34:57Z");

    private static Map<String, String> options() {
        return new HashMap<>(Map.of(
                "appId", AlipayPeer.APP_ID, "privateKey", APP.privateKey(), "alipayPublicKey", ALIPAY.publicKey()));
    }

    private final AlipayAuth auth = new AlipayAuth(SchemeOptions.of(options()));

    // ---- Requests

    private Map<String, String> sent(String address) throws Exception {
        RequestAuth.Signed signed = auth.sign(URI.create(address), NOW);
        assertThat(signed.headers()).isEmpty();
        assertThat(signed.address().toString()).startsWith(GATEWAY + "?");
        Map<String, String> query = Stream.of(signed.address().getRawQuery().split("&"))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(field -> field[0], field -> URLDecoder.decode(field[1], UTF_8)));
        assertThat(AlipaySignature.rsaCheckV2(new HashMap<>(query), APP.publicKey(), "utf-8", "RSA2"))
                .as(address)
                .isTrue();
        return query;
    }

    @Test
    void aRequestIsSignedSoThatAlipaysLibraryVerifiesIt() throws Exception {
        Map<String, String> query = sent(QUESTION);

        assertThat(query).containsKey("sign").hasSize(9);
        query.remove("sign");
        assertThat(query)
                .isEqualTo(Map.of(
                        "method",
                        "alipay.trade.query",
                        "biz_content",
                        "{\"out_trade_no\":\"P-1\",\"note\":\"微 a+b\"}",
                        "app_id",
                        AlipayPeer.APP_ID,
                        "format",
                        "JSON",
                        "charset",
                        "utf-8",
                        "sign_type",
                        "RSA2",
                        "timestamp",
                        "2026-11-21 00:34:57",
                        "version",
                        "1.0"));
    }

    @Test
    void theAddressKeepsItsOtherParameters() throws Exception {
        assertThat(sent(GATEWAY
                        + "?method=m&version=2.0&format=json&app_auth_token=t&biz_content=&sign=old&sign_type=RSA"
                        + "&timestamp=then&app_id=another#fragment"))
                .containsEntry("version", "2.0")
                .containsEntry("format", "json")
                .containsEntry("app_auth_token", "t")
                .containsEntry("sign_type", "RSA2")
                .containsEntry("timestamp", "2026-11-21 00:34:57")
                .containsEntry("app_id", AlipayPeer.APP_ID)
                .doesNotContainKey("biz_content");
        assertThat(sent(GATEWAY)).containsEntry("charset", "utf-8");
        assertThat(sent(GATEWAY + "?method=m&note=微")).containsEntry("note", "微");
    }

    @Test
    void anAddressThatNamesAParameterTwiceIsRefused() {
        assertThatThrownBy(() -> auth.sign(URI.create(QUESTION + "&method=other"), NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The address's query has a field more than once");
    }

    // ---- Answers

    private static String answer(String name, String response, String signed) {
        return "{\"" + name + "\":" + response + ",\"sign\":\"" + ALIPAY.sign(signed, "utf-8") + "\"}";
    }

    private Refusal refuse(String body) {
        return refuse(utf8(body));
    }

    private Refusal refuse(byte[] body) {
        Refusal refused = auth.refuse(body, headers(Map.of()), NOW);
        if (refused != null) {
            assertThat(refused.detail()).doesNotContain("canary", "P-1", "MII", "10000");
        }
        return refused;
    }

    private RefusalReason reason(String body) {
        Refusal refused = refuse(body);
        assertThat(refused).as(body).isNotNull();
        return refused.reason();
    }

    @Test
    void anAnswerIsCheckedOverItsRawText() throws Exception {
        String answer = answer("alipay_trade_query_response", RESPONSE, RESPONSE);

        assertThat(AlipaySignature.rsaCheck(
                        RESPONSE, ALIPAY.sign(RESPONSE, "utf-8"), ALIPAY.publicKey(), "utf-8", "RSA2"))
                .isTrue();
        assertThat(refuse(answer)).isNull();
        assertThat(refuse(" " + answer.replace("_response\":", "_response\" :\n ") + "\n"))
                .isNull();
        assertThat(refuse(answer.replace(",\"sign\"", " , \"alipay_cert_sn\":\"1\",\"sign\"")))
                .isNull();
        assertThat(refuse("{\"sign\":\"" + ALIPAY.sign(RESPONSE, "utf-8") + "\",\"alipay_trade_query_response\":"
                        + RESPONSE + "}"))
                .isNull();
        assertThat(refuse(answer("error_response", RESPONSE, RESPONSE))).isNull();
        assertThat(reason(new ObjectMapper().readTree(answer).toString()))
                .as("written anew")
                .isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void slashesMayBeEscapedAfterSigning() {
        String signed = RESPONSE.replace("\\/", "/");

        assertThat(refuse(answer("x_response", RESPONSE.replace("\\\"", ""), signed.replace("\\\"", ""))))
                .isNull();
        assertThat(reason(answer("x_response", "{\"a\":\"\\\\/\"}", "{\"a\":\"\\/\"}")))
                .as("a backslash more is another text")
                .isEqualTo(RefusalReason.FORGED);
    }

    @ParameterizedTest
    @CsvSource({"10000, 20000", "1.00, 1.0", "Success, Failure", "大, 小"})
    void aTamperedAnswerIsForged(String from, String to) {
        String answer = answer("x_response", RESPONSE, RESPONSE);
        assertThat(answer).contains(from);

        assertThat(reason(answer.replaceFirst(from, to))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void anAnswerOfAnotherKeyIsForgedAndOneWithoutASignatureIsRefused() {
        assertThat(reason("{\"x_response\":" + RESPONSE + ",\"sign\":\"" + APP.sign(RESPONSE, "utf-8") + "\"}"))
                .isEqualTo(RefusalReason.FORGED);
        for (String sign : List.of("", "canary!", "AAAA")) {
            assertThat(reason("{\"x_response\":" + RESPONSE + ",\"sign\":\"" + sign + "\"}"))
                    .isEqualTo(RefusalReason.FORGED);
        }
        assertThat(reason("{\"x_response\":" + RESPONSE + "}")).isEqualTo(RefusalReason.MISSING);
        assertThat(reason("{\"x_response\":" + RESPONSE + ",\"sign\":null}")).isEqualTo(RefusalReason.MISSING);
        assertThat(reason("{\"error_response\":{\"code\":\"40002\",\"sub_code\":\"isv.invalid-app-id\"}}"))
                .isEqualTo(RefusalReason.MISSING);
        assertThat(refuse("{\"error_response\":{}}").detail()).contains("error_response without a signature");
    }

    static List<String> noAnswers() {
        String answer = answer("x_response", RESPONSE, RESPONSE);
        return List.of(
                "",
                "null",
                "[]",
                "{}",
                "<html>",
                answer + "{}",
                answer.substring(0, answer.length() - 1),
                answer("x", RESPONSE, RESPONSE),
                answer("x_response", "\"text\"", "\"text\""),
                answer("x_response", "[]", "[]"),
                answer.replace(",\"sign\"", ",\"y_response\":{},\"sign\""),
                answer.replace(",\"sign\"", ",\"more\":[1],\"sign\""),
                answer.replace(",\"sign\"", ",\"sign\":\"\",\"sign\""),
                answer("x_response", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"),
                "{\"x_response\":" + "[".repeat(100_000));
    }

    @ParameterizedTest
    @MethodSource("noAnswers")
    void anAnswerThatIsNotFromTheGatewayIsMalformed(String body) {
        assertThat(reason(body)).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void anAnswerInAnotherCharsetThanRequestedIsRefused() {
        Refusal refused =
                refuse(answer("x_response", "{\"msg\":\"系统繁忙\"}", "{}").getBytes(Charset.forName("GBK")));

        assertThat(refused).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedAnswersAreRefusedAndNeverThrow(long seed) {
        Random random = new Random(seed);
        byte[] answer = utf8(answer("x_response", RESPONSE, RESPONSE));
        int end = "{\"x_response\":".length() + utf8(RESPONSE).length;
        for (int i = 0; i < 10 * RequestFuzz.REQUESTS; i++) {
            byte[] changed = answer.clone();
            int at = random.nextInt(changed.length);
            changed[at] = (byte) random.nextInt(256);
            boolean sameResponse = Arrays.equals(changed, 0, end, answer, 0, end);
            // The name of the response is not signed, and names that are not known pass.
            if (refuse(changed) == null && !sameResponse) {
                assertThat(at).as("seed %d", seed).isLessThan("{\"x_response\":".length());
            }
            refuse(Arrays.copyOf(answer, at));
        }
    }

    // ---- Configuration

    @ParameterizedTest
    @ValueSource(strings = {"appId", "privateKey", "alipayPublicKey"})
    void anOptionThatIsMissingOrImpossibleIsNamedButNotQuoted(String name) {
        for (String value : List.of("", "\"hidden\", canary")) {
            Map<String, String> options = options();
            options.put(name, value);

            assertThatThrownBy(() -> new AlipayAuth(SchemeOptions.of(options)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(name)
                    .hasMessageNotContaining("canary");
        }
    }
}
