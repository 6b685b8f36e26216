package dev.serai.signature.refusal;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict.Refusal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Why a signature did not fit, in words for the operator. */
class RefusalExplainerTest {
    /** A test key. Do not use it elsewhere. */
    private static final String SECRET = "test-only-secret-0000001";

    private static final Instant NOW = Instant.ofEpochSecond(1795423845);
    private static final String JSON = "{\"name\":\"\u5f20\u4e09\",\"list\":[1,2],\"url\":\"a/b\"}";
    private static final Charset GBK = Charset.forName("GBK");

    private static SignatureScheme scheme(String name, String secret) {
        return SignatureSchemeRegistry.create(name, SchemeOptions.secret(secret));
    }

    private static @Nullable String explained(
            SignatureScheme scheme, byte[] body, Map<String, String> headers, RefusalExplainer.Other... others) {
        SignedRequest request = SignedRequest.post(body, headers(headers));
        Refusal refused = (Refusal) scheme.verify(request, NOW);
        return RefusalExplainer.explain(scheme, refused, request, headers, NOW, List.of(others));
    }

    static Stream<Arguments> changedBodies() {
        return Stream.of(
                Arguments.of("{}", "{}\n", "a line break at its end was added"),
                Arguments.of("{}\n", "{}", "the line break at its end was removed"),
                Arguments.of("{}", " {} ", "spaces around it were added"),
                Arguments.of("{\n}", "{\r\n}", "line feeds became carriage returns"),
                Arguments.of("[\r\n]", "[\n]", "carriage returns before line feeds were removed"),
                Arguments.of("x", "\uFEFFx", "a byte order mark was added"),
                Arguments.of("\uFEFFx", "x", "the byte order mark was removed"),
                Arguments.of(
                        "{\"a\":\"<b> & 'c'\"}",
                        "{&quot;a&quot;:&quot;&lt;b&gt; &amp; &#39;c&#39;&quot;}",
                        "HTML-escaped"),
                Arguments.of("a&amp;b", "a&b", "HTML-unescaped"),
                Arguments.of("{\"url\":\"a\\/b\"}", "{\"url\":\"a/b\"}", "the backslashes before slashes were removed"),
                Arguments.of("x a/b", "x a\\/b", "backslashes were put before slashes"),
                Arguments.of("a=b+c", "a=b%20c", "+ became %20"),
                Arguments.of("a=b%20c", "a=b+c", "%20 became +"),
                Arguments.of(JSON, JSON.replace(":", ": ").replace(",", ", "), "it was compact when it was signed"),
                Arguments.of(JSON.replace(":", ": ").replace(",", ", "), JSON, "spaces after commas and colons"),
                Arguments.of("{\n  \"a\": [\n    1\n  ]\n}", "{\"a\":[1]}", "it was indented"),
                Arguments.of(
                        JSON.replace("\u5f20", "\\u5f20").replace("\u4e09", "\\u4e09"), JSON, "compact and in ASCII"),
                Arguments.of(
                        JSON.replace("\u5f20", "\\u5f20")
                                .replace("\u4e09", "\\u4e09")
                                .replace(":", ": ")
                                .replace(",", ", "),
                        JSON,
                        "had spaces and was in ASCII"),
                Arguments.of("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "its names were in order"));
    }

    @ParameterizedTest
    @MethodSource("changedBodies")
    void aBodyThatWasChangedOnTheWayIsRecognised(String signed, String came, String cause) {
        SignatureScheme hmac = scheme("hmac", SECRET);

        assertThat(explained(hmac, utf8(came), hmac.sign(utf8(signed), "id", NOW)))
                .contains(cause);
    }

    @Test
    void aBodyInAnotherCharsetIsRecognised() {
        SignatureScheme hmac = scheme("hmac", SECRET);
        byte[] gbk = JSON.getBytes(GBK);
        byte[] twice = new String(utf8(JSON), StandardCharsets.ISO_8859_1).getBytes(UTF_8);

        assertThat(explained(hmac, utf8(JSON), hmac.sign(gbk, "id", NOW))).contains("signed as GBK");
        assertThat(explained(hmac, gbk, hmac.sign(utf8(JSON), "id", NOW))).contains("converted to GBK");
        assertThat(explained(hmac, twice, hmac.sign(utf8(JSON), "id", NOW))).contains("read as ISO-8859-1");
    }

    @Test
    void aBodyThatIsMissingIsRecognised() {
        SignatureScheme hmac = scheme("hmac", SECRET);

        assertThat(explained(hmac, new byte[0], hmac.sign(utf8(JSON), "id", NOW)))
                .contains("the body is empty");
    }

    @Test
    void aSignatureThatIsWrittenOtherwiseIsRecognised() {
        SignatureScheme hmac = scheme("hmac", SECRET);
        String hex = hmac.sign(utf8(JSON), "id", NOW).get("X-Signature").substring("sha256=".length());
        SignatureScheme shopify = scheme("shopify", SECRET);
        String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
        SignatureScheme slack = scheme("dropbox", SECRET);

        assertThat(explained(hmac, utf8(JSON), Map.of("X-Signature", hex))).contains("lacks the prefix sha256=");
        assertThat(explained(hmac, utf8(JSON), Map.of("X-Signature", "\"sha256=" + hex + "\"")))
                .contains("quotes");
        assertThat(explained(hmac, utf8(JSON), Map.of("X-Signature", "sha256= " + hex)))
                .contains("spaces");
        assertThat(explained(hmac, utf8(JSON), Map.of("X-Signature", ("sha256=" + hex).toUpperCase(Locale.ROOT))))
                .contains("capital letters");
        assertThat(explained(hmac, utf8(JSON), Map.of("X-Signature", base64)))
                .contains("is base64, but sha256= and hexadecimal digits are expected");
        assertThat(explained(shopify, utf8(JSON), Map.of("X-Shopify-Hmac-Sha256", hex)))
                .contains("is in hexadecimal digits, but base64 is expected");
        assertThat(explained(slack, utf8(JSON), Map.of("X-Dropbox-Signature", "sha256=" + hex)))
                .contains("has the prefix sha256=, which is not expected");
    }

    @Test
    void aHeaderThatAProxyRenamedIsRecognised() {
        SignatureScheme github = scheme("github", SECRET);
        String value = github.sign(utf8(JSON), "id", NOW).get("X-Hub-Signature-256");

        for (String name : List.of("X_Hub_Signature_256", "X-Original-X-Hub-Signature-256", "Hub-Signature-256")) {
            assertThat(explained(github, utf8(JSON), Map.of(name, value)))
                    .contains("X-Hub-Signature-256 came as " + name + ": a proxy renamed it");
        }
    }

    @Test
    void aClockThatIsWrongIsRecognised() {
        SignatureScheme slack = scheme("slack", SECRET);

        assertThat(explained(slack, utf8(JSON), slack.sign(utf8(JSON), "id", NOW.minusSeconds(3_600))))
                .contains("its time is 3600 s in the past");
        assertThat(explained(slack, utf8(JSON), slack.sign(utf8(JSON), "id", NOW.plusSeconds(400))))
                .contains("its time is 400 s in the future");
        assertThat(explained(slack, utf8("x"), slack.sign(utf8(JSON), "id", NOW.plusSeconds(400))))
                .isNull();
    }

    @Test
    void theKeysOfAnotherSourceAreNamed() {
        SignatureScheme hmac = scheme("hmac", SECRET);
        SignatureScheme mine = scheme("hmac", "another-test-only-secret");

        assertThat(explained(
                        mine,
                        utf8(JSON),
                        hmac.sign(utf8(JSON), "id", NOW),
                        new RefusalExplainer.Other("the path /hooks/other", hmac)))
                .isEqualTo("it fits the keys of the path /hooks/other: the address or the keys are mixed up");
    }

    @Test
    void aForgeryHasNoCause() {
        SignatureScheme hmac = scheme("hmac", SECRET);

        assertThat(explained(
                        hmac,
                        utf8(JSON),
                        scheme("hmac", "another-test-only-secret").sign(utf8(JSON), "id", NOW)))
                .isNull();
    }
}
