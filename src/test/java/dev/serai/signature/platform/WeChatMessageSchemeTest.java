package dev.serai.signature.platform;

import static dev.serai.support.Requests.mutate;
import static dev.serai.support.Requests.utf8;
import static dev.serai.support.WeChatPeer.AES_KEY;
import static dev.serai.support.WeChatPeer.APP_ID;
import static dev.serai.support.WeChatPeer.EVENT;
import static dev.serai.support.WeChatPeer.ID;
import static dev.serai.support.WeChatPeer.MESSAGE;
import static dev.serai.support.WeChatPeer.MESSAGE_AS_JSON;
import static dev.serai.support.WeChatPeer.OTHER_AES_KEY;
import static dev.serai.support.WeChatPeer.TOKEN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.signature.Envelope;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.support.RequestFuzz;
import dev.serai.support.WeChatPeer;
import dev.serai.support.WeChatPeer.Push;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeChatMessageSchemeTest {
    private static final WeChatPeer PEER = new WeChatPeer();
    private static final Instant NOW = Instant.ofEpochSecond(1795423850);

    private final SignatureScheme safe = scheme(Map.of());
    private final SignatureScheme plain = scheme(Map.of("mode", "plain"));

    private static SignatureScheme scheme(Map<String, String> more) {
        Map<String, String> options = new HashMap<>(Map.of("token", TOKEN, "encodingAesKey", AES_KEY, "appId", APP_ID));
        options.putAll(more);
        return SignatureSchemeRegistry.create("wechat-message", SchemeOptions.of(options));
    }

    private static Verdict verify(SignatureScheme scheme, String method, String query, byte[] body) {
        return scheme.verify(new SignedRequest(method, query, name -> List.of(), body), NOW);
    }

    private static Verdict verify(SignatureScheme scheme, Push push) {
        return verify(scheme, "POST", push.query(), utf8(push.body()));
    }

    private static String content(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verified.class);
        Verified verified = (Verified) verdict;
        assertThat(verified.content()).isNotNull();
        assertThat(verified.content().contentType()).isEqualTo("application/json");
        return new String(verified.content().body(), UTF_8);
    }

    private static RefusalReason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Refusal.class);
        assertThat(((Refusal) verdict).detail()).doesNotContain("canary", TOKEN, AES_KEY, APP_ID, ID);
        return ((Refusal) verdict).reason();
    }

    // ---- WeChat's address check

    @Test
    void theAddressCheckIsAnsweredInEveryMode() {
        for (SignatureScheme scheme : List.of(safe, plain)) {
            Verdict verdict = verify(scheme, "GET", PEER.question("4375120948345356249", NOW), new byte[0]);

            assertThat(verdict).isInstanceOfSatisfying(Asked.class, asked -> {
                assertThat(asked.answer().status()).isEqualTo(200);
                assertThat(asked.answer().contentType()).startsWith("text/plain");
                assertThat(new String(asked.answer().body(), UTF_8)).isEqualTo("4375120948345356249");
            });
        }
    }

    /** See the console's help: https://developers.weixin.qq.com/doc/store/API/basics/message_push.html */
    @Test
    void thePublishedExampleIsAnswered() {
        SignatureScheme scheme = scheme(Map.of("token", "AAAAA"));
        String query = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249"
                + "&timestamp=1714036504&nonce=1514711492";

        Verdict verdict = scheme.verify(
                new SignedRequest("GET", query, name -> List.of(), new byte[0]), Instant.ofEpochSecond(1714036504));

        assertThat(verdict).isInstanceOf(Asked.class);
    }

    @Test
    void aForgedAddressCheckIsNotAnswered() {
        String question = PEER.question("1", NOW);
        assertThat(reason(verify(safe, "GET", question.replaceFirst("nonce=1", "nonce=2"), new byte[0])))
                .isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(safe, "GET", PEER.question("%3Cscript%3E%0A", NOW), new byte[0])))
                .isEqualTo(RefusalReason.MALFORMED);
        assertThat(reason(verify(safe, "GET", PEER.question("", NOW), new byte[0])))
                .isEqualTo(RefusalReason.MALFORMED);
        assertThat(reason(verify(safe, "GET", null, new byte[0]))).isEqualTo(RefusalReason.MISSING);
    }

    // ---- Safe and compatible mode

    @Test
    void aMessageEncryptedByTheirLibraryIsVerifiedAndDecrypted() {
        Verdict verdict = verify(safe, PEER.encrypted(MESSAGE, NOW));

        assertThat(content(verdict)).isEqualTo(MESSAGE_AS_JSON);
        assertThat(((Verified) verdict).id()).isEqualTo(ID);
    }

    @Test
    void theirLibraryReadsOurSealedMessage() {
        for (int length = 0; length < 70; length++) {
            String message = MESSAGE.replace("微信", "x".repeat(length));
            Envelope envelope = safe.seal(utf8(message), "any", NOW);

            assertThat(PEER.read(envelope.query(), new String(envelope.body(), UTF_8)))
                    .isEqualTo(message);
            assertThat(verify(safe, "POST", envelope.query(), envelope.body())).isInstanceOf(Verified.class);
        }
    }

    /** Every length of padding; the JDK's padding supports only half of them. */
    @Test
    void theirPaddingIsRemoved() {
        for (int length = 0; length < 40; length++) {
            String json = "{\"Content\":\"" + "x".repeat(length) + "\"}";
            assertThat(content(verify(safe, PEER.encrypted(json, NOW)))).isEqualTo(json);
        }
    }

    @Test
    void messagesMayBeJson() {
        String json =
                "{\"ToUserName\":\"gh_1\",\"CreateTime\":1795423845,\"MsgId\":6054768590064713728,\"Content\":\"微信\"}";
        String encrypt = PEER.encrypt(json);
        Push push = PEER.signed(encrypt, "{\"ToUserName\": \"gh_1\", \"Encrypt\": \"" + encrypt + "\"}", NOW);

        assertThat(content(verify(safe, push))).isEqualTo(json);
        assertThat(((Verified) verify(safe, push)).id()).isEqualTo(ID);
        Envelope ours = safe.seal(utf8(json), "any", NOW);
        assertThat(content(verify(safe, "POST", ours.query(), ours.body()))).isEqualTo(json);
    }

    @Test
    void aSignatureThatDoesNotCoverTheBodyIsNotEnough() {
        Push push = PEER.encrypted(MESSAGE, NOW);
        Push others = PEER.encrypted(MESSAGE.replace("1 < 2", "2 < 1"), NOW);

        assertThat(reason(verify(safe, new Push(push.query(), others.body())))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(safe, push.queryWith("msg_signature=[0-9a-f]+", "x=y"))))
                .isEqualTo(RefusalReason.MISSING);
        assertThat(reason(verify(safe, PEER.plain(MESSAGE, NOW)))).isEqualTo(RefusalReason.MISSING);
        assertThat(reason(verify(safe, new Push(push.query(), MESSAGE)))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void inCompatibleModeOnlyTheEncryptedPartIsRead() {
        Push push = PEER.encrypted(MESSAGE, NOW)
                .bodyWith("<Encrypt>", "<Content>forged</Content><MsgId>1</MsgId><Encrypt>");

        Verdict verdict = verify(scheme(Map.of("mode", "compatible")), push);

        assertThat(content(verdict)).isEqualTo(MESSAGE_AS_JSON);
        assertThat(((Verified) verdict).id()).isEqualTo(ID);
    }

    @Test
    void anotherAppsMessageIsRefused() {
        WeChatPeer other = new WeChatPeer(TOKEN, AES_KEY, "wx0000000000000002");
        assertThat(reason(verify(safe, other.encrypted(MESSAGE, NOW)))).isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(verify(scheme(Map.of("appId", APP_ID + " wx0000000000000002")), other.encrypted(MESSAGE, NOW)))
                .isInstanceOf(Verified.class);
    }

    @Test
    void keysCanBeRotatedWithoutALostMessage() {
        WeChatPeer newer = new WeChatPeer("newer-token", OTHER_AES_KEY, APP_ID);
        SignatureScheme both =
                scheme(Map.of("token", "newer-token " + TOKEN, "encodingAesKey", OTHER_AES_KEY + "\n" + AES_KEY));
        SignatureScheme after = scheme(Map.of("token", "newer-token", "encodingAesKey", OTHER_AES_KEY));

        assertThat(verify(both, PEER.encrypted(MESSAGE, NOW))).isInstanceOf(Verified.class);
        assertThat(verify(both, newer.encrypted(MESSAGE, NOW))).isInstanceOf(Verified.class);
        assertThat(verify(after, newer.encrypted(MESSAGE, NOW))).isInstanceOf(Verified.class);
        assertThat(reason(verify(after, PEER.encrypted(MESSAGE, NOW)))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(verify(safe, new WeChatPeer(TOKEN, OTHER_AES_KEY, APP_ID).encrypted(MESSAGE, NOW))))
                .isEqualTo(RefusalReason.UNKNOWN_KEY);
    }

    @ParameterizedTest
    @CsvSource({"300, true", "301, false", "-300, true", "-301, false"})
    void aPushHasItsTime(int secondsAgo, boolean taken) {
        Push push = PEER.encrypted(MESSAGE, NOW.minus(Duration.ofSeconds(secondsAgo)));

        Verdict verdict = verify(safe, push);

        assertThat(verdict instanceof Verified).isEqualTo(taken);
        if (!taken) {
            assertThat(reason(verdict)).isEqualTo(RefusalReason.STALE);
        }
    }

    @Test
    void signedTextCannotBeMovedFromOneParameterToTheNext() {
        Push push = PEER.plain(MESSAGE, NOW);

        assertThat(reason(verify(
                        plain, push.queryWith("nonce=1(.*)timestamp=1795423850", "nonce=$1timestamp=17954238501"))))
                .isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void anAmbiguousQueryIsRefused() {
        Push push = PEER.encrypted(MESSAGE, NOW);

        for (String more :
                List.of("&timestamp=1795423850", "&%6eonce=1", "&signature=", "&msg%5fsignature=x", "&nonce=%zz")) {
            assertThat(reason(verify(safe, new Push(push.query() + more, push.body()))))
                    .as(more)
                    .isEqualTo(RefusalReason.MALFORMED);
        }
    }

    // ---- Plain mode

    @Test
    void inPlainModeTheMessageIsPassedOnUnchanged() {
        assertThat(content(verify(plain, PEER.plain(MESSAGE, NOW)))).isEqualTo(MESSAGE_AS_JSON);
        assertThat(content(verify(plain, PEER.plain("{\"MsgId\":1, \"Content\":\"a\"}", NOW))))
                .isEqualTo("{\"MsgId\":1,\"Content\":\"a\"}");
        assertThat(reason(verify(plain, PEER.plain(MESSAGE, NOW).queryWith("signature=.", "signature=0"))))
                .isEqualTo(RefusalReason.FORGED);
        Envelope ours = plain.seal(utf8(MESSAGE), "any", NOW);
        assertThat(content(verify(plain, "POST", ours.query(), ours.body()))).isEqualTo(MESSAGE_AS_JSON);
    }

    // ---- Messages

    @Test
    void aRepeatedEventHasTheSameIdAndAnotherEventAnother() {
        Verified first = (Verified) verify(safe, PEER.encrypted(EVENT, NOW));
        Verified again = (Verified) verify(safe, PEER.encrypted(EVENT, NOW.plusSeconds(5)));
        Verified other = (Verified) verify(safe, PEER.encrypted(EVENT.replace("subscribe", "SCAN"), NOW));

        assertThat(first.id()).startsWith("sha256-").doesNotContain("canary").isEqualTo(again.id());
        assertThat(other.id()).isNotEqualTo(first.id());
    }

    @Test
    void xmlBecomesJson() {
        String xml = """
                <?xml version="1.0" encoding="UTF-8"?>
                <xml><!-- all kinds -->
                  <Empty></Empty><None/><Text> a &amp; &lt;b&gt; &#24494; </Text>
                  <Data><![CDATA[x]]>y<![CDATA[]]></Data>
                  <Pictures><Count>2</Count><item><Md5>1</Md5></item><item><Md5>2</Md5></item></Pictures>
                </xml>""";

        assertThat(content(verify(safe, PEER.encrypted(xml, NOW))))
                .isEqualTo("{\"Empty\":\"\",\"None\":\"\",\"Text\":\" a & <b> 微 \",\"Data\":\"xy\","
                        + "\"Pictures\":{\"Count\":\"2\",\"item\":[{\"Md5\":\"1\"},{\"Md5\":\"2\"}]}}");
    }

    @Test
    void aUsersTextMayLookLikeXml() {
        String text = "<!DOCTYPE html [<!ENTITY x>]> <?php ?> <!-- no";

        String json =
                content(verify(safe, PEER.encrypted("<xml><Content><![CDATA[" + text + "]]></Content></xml>", NOW)));

        assertThat(json).isEqualTo("{\"Content\":\"" + text + "\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><Content>&x;</Content></xml>",
                "<!DOCTYPE xml SYSTEM \"http://127.0.0.1:1/x.dtd\"><xml><Content>a</Content></xml>",
                "<!DOCTYPE xml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><xml><Content>&b;</Content></xml>",
                "<!-- <xml> --><?x y?>\n<!DOCTYPE xml [\u0000<!ENTITY a \"b\">:><xml><Content>&a;</Content></xml>",
                "<?xml version=\"1.0\" encoding=\"UTF-?8\"?><!DOCTYPE xml [<!ENTITY a \"b\">:><xml><a>&a;</a></xml>",
                "<!-- <xml><Content>a</Content></xml>",
                "<xml><Content>&x;</Content></xml>",
                "<xml><Content>a</Content>",
                "<xml><Content>a</Content></xml><xml/>",
                "<xml>text alone</xml>",
                "<xml><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>deep</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></xml>",
                "{\"a\":1,\"a\":2}",
                "{\"a\":1} {}",
                "[1]",
                "text",
                ""
            })
    void whatIsNoMessageOfWechatsIsRefused(String message) {
        assertThat(reason(verify(plain, PEER.plain(message, NOW)))).isEqualTo(RefusalReason.MALFORMED);
        assertThat(reason(verify(safe, PEER.encrypted(message, NOW)))).isEqualTo(RefusalReason.MALFORMED);
        Push push = PEER.encrypted(MESSAGE, NOW);
        assertThat(reason(verify(safe, new Push(push.query(), message)))).isEqualTo(RefusalReason.MALFORMED);
    }

    // ---- Random input

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedPushesNeverThrowAndAreNeverTakenWithOtherContent(long seed) {
        Random random = new Random(seed);
        Push push = PEER.encrypted(MESSAGE, NOW);
        for (int i = 0; i < 5 * RequestFuzz.REQUESTS; i++) {
            boolean inBody = random.nextBoolean();
            byte[] body = inBody ? mutate(utf8(push.body()), random) : utf8(push.body());
            String query = inBody ? push.query() : new String(mutate(utf8(push.query()), random), UTF_8);
            if (verify(safe, "POST", query, body) instanceof Verified verified) {
                assertThat(new String(verified.content().body(), UTF_8))
                        .as("seed %d", seed)
                        .isEqualTo(MESSAGE_AS_JSON);
            }
        }
    }

    /** Signed by the peer, so that decrypting is reached. */
    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedCiphertextsThatAreSignedNeverThrow(long seed) {
        Random random = new Random(seed);
        String encrypt = PEER.encrypt(MESSAGE);
        for (int i = 0; i < RequestFuzz.REQUESTS; i++) {
            String mutated = new String(mutate(utf8(encrypt), random), UTF_8).replaceAll("[^0-9A-Za-z+/=]", "A");
            verify(safe, PEER.signed(mutated, "<xml><Encrypt>" + mutated + "</Encrypt></xml>", NOW));
        }
    }

    // ---- Options

    @Test
    void invalidOptionsAreReported() {
        assertThatThrownBy(() -> scheme(Map.of("token", " "))).hasMessage("token is empty: set it");
        assertThatThrownBy(() -> scheme(Map.of("encodingAesKey", ""))).hasMessage("encodingAesKey is empty: set it");
        assertThatThrownBy(() -> scheme(Map.of("appId", ""))).hasMessage("appId is empty: set it");
        assertThatThrownBy(() -> scheme(Map.of("encodingAesKey", AES_KEY.substring(1))))
                .hasMessage("encodingAesKey must be 43 characters, as the console shows it, not 42");
        assertThatThrownBy(() -> scheme(Map.of("encodingAesKey", AES_KEY.replace('t', '*'))))
                .hasMessage("encodingAesKey may have letters and digits only, as the console shows it")
                .satisfies(e -> assertThat(e.toString()).doesNotContain(AES_KEY.substring(8)));
        assertThatThrownBy(() -> scheme(Map.of("mode", "secure"))).hasMessageContaining("safe, compatible or plain");
        assertThatThrownBy(() -> SignatureSchemeRegistry.create(
                        "wechat-message",
                        new SchemeOptions("x", null, null, SchemeOptions.DEFAULT_TOLERANCE, Map.of("token", TOKEN))))
                .hasMessage("secret is set, but wechat-message has none: set token");
    }

    @Test
    void theAnswerIsSuccess() {
        assertThat(new String(safe.accepted().body(), UTF_8)).isEqualTo("success");
        assertThat(safe.accepted().status()).isEqualTo(200);
    }
}
