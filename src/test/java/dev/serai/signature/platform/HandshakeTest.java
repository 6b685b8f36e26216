package dev.serai.signature.platform;

import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Digest;
import dev.serai.signature.Envelope;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.Verified;
import dev.serai.support.Requests;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Platforms that check an address before they send to it. */
class HandshakeTest {
    /** A test key. Do not use it elsewhere. */
    private static final String SECRET = "test-only-secret-0000001";

    private static final Instant NOW = Instant.ofEpochSecond(1795423845);

    private static SignatureScheme scheme(String name, Map<String, String> more) {
        return SignatureSchemeRegistry.create(
                name, new SchemeOptions(SECRET, null, null, SchemeOptions.DEFAULT_TOLERANCE, more));
    }

    private static SignatureScheme scheme(String name) {
        return scheme(name, Map.of());
    }

    private static Verdict verify(
            SignatureScheme scheme, String method, String query, Map<String, String> headers, String body) {
        return scheme.verify(new SignedRequest(method, query, Requests.headers(headers), utf8(body)), NOW);
    }

    private static Acknowledgement asked(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Asked.class);
        return ((Asked) verdict).answer();
    }

    private static String text(Acknowledgement answer) {
        return new String(answer.body(), UTF_8);
    }

    private static String hmac(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(utf8(SECRET), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(utf8(text)));
    }

    @Test
    void metaGetsItsChallengeIfItsTokenIsRight() throws Exception {
        SignatureScheme meta = scheme("meta", Map.of("verificationToken", "mine"));
        String query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";

        assertThat(text(asked(verify(meta, "GET", query + "mine", Map.of(), ""))))
                .isEqualTo("1158201444");
        assertThat(verify(meta, "GET", query + "other", Map.of(), "")).isInstanceOf(Refusal.class);
        assertThat(verify(scheme("meta"), "GET", query, Map.of(), "")).isInstanceOf(Refusal.class);
        assertThat(verify(meta, "GET", query.replace("1158201444", "%3Cb%3E") + "mine", Map.of(), ""))
                .isInstanceOf(Refusal.class);
        assertThat(verify(meta, "POST", null, Map.of("X-Hub-Signature-256", "sha256=" + hmac("{}")), "{}"))
                .isInstanceOf(Verified.class);
        assertThat(verify(meta, "POST", query + "mine", Map.of(), "{}")).isInstanceOf(Refusal.class);
    }

    @Test
    void dropboxGetsItsChallenge() throws Exception {
        assertThat(text(asked(verify(scheme("dropbox"), "GET", "challenge=abc123", Map.of(), ""))))
                .isEqualTo("abc123");
        assertThat(verify(scheme("dropbox"), "GET", "challenge=%3Cscript%3E", Map.of(), ""))
                .isInstanceOf(Refusal.class);
        assertThat(verify(scheme("dropbox"), "POST", null, Map.of("X-Dropbox-Signature", hmac("{}")), "{}"))
                .isEqualTo(new Verified(null));
        assertThat(verify(scheme("dropbox"), "POST", "challenge=abc123", Map.of(), "{}"))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void zoomGetsItsTokenSigned() throws Exception {
        String body = "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"qgg8vlvZRS6UYooatFL8Aw\"}}";
        String time = Long.toString(NOW.getEpochSecond());

        Verdict verdict = verify(scheme("zoom"), "POST", null, zoom(time, body), body);

        assertThat(text(asked(verdict)))
                .isEqualTo("{\"plainToken\":\"qgg8vlvZRS6UYooatFL8Aw\",\"encryptedToken\":\""
                        + hmac("qgg8vlvZRS6UYooatFL8Aw") + "\"}");
        String event = "{\"event\":\"meeting.started\"}";
        assertThat(verify(scheme("zoom"), "POST", null, zoom(time, event), event))
                .isInstanceOf(Verified.class);
        assertThat(verify(scheme("zoom"), "POST", null, zoom(time, body), event))
                .isInstanceOf(Refusal.class);
        String old = Long.toString(NOW.getEpochSecond() - 301);
        assertThat(verify(scheme("zoom"), "POST", null, zoom(old, event), event))
                .isInstanceOf(Refusal.class);
    }

    private static Map<String, String> zoom(String time, String body) throws Exception {
        return Map.of("x-zm-request-timestamp", time, "x-zm-signature", "v0=" + hmac("v0:" + time + ":" + body));
    }

    @Test
    void douyinGetsItsChallenge() {
        String body = "{\"event\":\"verify_webhook\",\"client_key\":\"k\",\"content\":{\"challenge\":12345}}";

        assertThat(text(asked(verify(scheme("douyin"), "POST", null, douyin(body), body))))
                .isEqualTo("{\"challenge\":12345}");
        String event = "{\"event\":\"order\",\"content\":\"{}\"}";
        Verified first = (Verified) verify(scheme("douyin"), "POST", null, douyin(event), event);
        assertThat(first.id()).startsWith("sha256-");
        assertThat(verify(scheme("douyin"), "POST", null, douyin(event), body)).isInstanceOf(Refusal.class);
    }

    private static Map<String, String> douyin(String body) {
        return Map.of("X-Douyin-Signature", HexFormat.of().formatHex(Digest.sha1(utf8(SECRET + body))));
    }

    @Test
    void graphGetsItsValidationTokenAndEachNotificationNeedsTheClientState() {
        SignatureScheme graph = scheme("graph");

        assertThat(text(asked(verify(graph, "POST", "validationToken=Validation%3A+Testing%20a%2Bb", Map.of(), ""))))
                .isEqualTo("Validation: Testing a+b");
        String one = "{\"clientState\":\"" + SECRET + "\",\"id\":\"n1\"}";
        assertThat(verify(graph, "POST", null, Map.of(), "{\"value\":[" + one + "]}"))
                .isInstanceOf(Verified.class);
        assertThat(verify(graph, "POST", null, Map.of(), "{\"value\":[" + one + ",{\"clientState\":\"x\"}]}"))
                .isInstanceOf(Refusal.class);
        assertThat(verify(graph, "POST", null, Map.of(), "{\"value\":[{}]}")).isInstanceOf(Refusal.class);
        assertThat(verify(graph, "POST", null, Map.of(), "{\"value\":[]}")).isInstanceOf(Refusal.class);
    }

    @Test
    void cloudEventsConsentsToAnOriginByItsHeaders() {
        Acknowledgement answer = asked(verify(
                scheme("cloudevents"),
                "OPTIONS",
                null,
                Map.of("WebHook-Request-Origin", "eventemitter.example.com", "WebHook-Request-Rate", "120"),
                ""));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .containsEntry("WebHook-Allowed-Origin", "eventemitter.example.com")
                .containsEntry("WebHook-Allowed-Rate", "120")
                .containsEntry("Allow", "OPTIONS, POST");
        assertThat(asked(verify(
                                scheme("cloudevents"),
                                "OPTIONS",
                                null,
                                Map.of("WebHook-Request-Origin", "eventemitter.example.com"),
                                ""))
                        .headers())
                .containsEntry("WebHook-Allowed-Rate", "*");
        assertThat(verify(scheme("cloudevents"), "OPTIONS", null, Map.of(), "")).isInstanceOf(Refusal.class);
    }

    @Test
    void aCloudEventIsReadInEachOfItsThreeForms() {
        SignatureScheme events = scheme("cloudevents");
        String bearer = "Bearer " + SECRET;

        Verified binary = (Verified) verify(
                events,
                "POST",
                null,
                Map.of(
                        "Authorization", bearer,
                        "Content-Type", "text/xml",
                        "ce-specversion", "1.0",
                        "ce-id", "A234",
                        "ce-source", "/caf%C3%A9",
                        "ce-type", "com.example"),
                "<x/>");
        assertThat(binary.id()).startsWith("sha256-"); // the source is not ASCII
        assertThat(binary.content().headers()).containsEntry("ce-source", "/caf\u00e9");
        assertThat(new String(binary.content().body(), UTF_8)).isEqualTo("<x/>");

        String event = "{\"specversion\":\"1.0\",\"id\":\"A234\",\"source\":\"/mycontext\",\"type\":\"com.example\","
                + "\"data\":{\"a\":12.50}}";
        Map<String, String> structured =
                Map.of("Authorization", bearer, "Content-Type", "application/cloudevents+json; charset=utf-8");
        Verified read = (Verified) verify(events, "POST", null, structured, event);
        assertThat(read.id()).isEqualTo("/mycontext#A234");
        assertThat(new String(read.content().body(), UTF_8)).isEqualTo("{\"a\":12.50}");
        assertThat(read.content().contentType()).isEqualTo("application/json");
        assertThat(read.content().headers()).containsEntry("ce-type", "com.example");
        Verified bytes = (Verified) verify(
                events,
                "POST",
                null,
                structured,
                event.replace(
                        "\"data\":{\"a\":12.50}",
                        "\"datacontenttype\":\"image/png\",\"data_base64\":\""
                                + Base64.getEncoder().encodeToString(new byte[] {1, 2}) + "\""));
        assertThat(bytes.content().body()).containsExactly(1, 2);
        assertThat(bytes.content().contentType()).isEqualTo("image/png");

        Map<String, String> batch = Map.of("Content-Type", "application/cloudevents-batch+json");
        assertThat(verify(events, "POST", "access_token=" + SECRET, batch, "[" + event + "," + event + "]"))
                .isEqualTo(new Verified(null));
        assertThat(verify(events, "POST", "access_token=" + SECRET, batch, "[{}]"))
                .isInstanceOf(Refusal.class);
        assertThat(verify(events, "POST", null, batch, "[]")).isInstanceOf(Refusal.class);
        assertThat(verify(events, "POST", "access_token=other", batch, "[]")).isInstanceOf(Refusal.class);
        assertThat(verify(events, "POST", null, structured, event.replace("\"A234\"", "\"\"")))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void wecomGetsItsEchoDecrypted() {
        String key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        SignatureScheme wecom = SignatureSchemeRegistry.create(
                "wecom",
                SchemeOptions.of(Map.of("token", "QDG6eK", "encodingAesKey", key, "corpId", "wx5823bf96d3bd56c7")));
        String sealed = Base64.getEncoder()
                .encodeToString(new WeChatAesKey(key).seal(utf8("1616140317555161061"), "wx5823bf96d3bd56c7"));
        String time = Long.toString(NOW.getEpochSecond());
        String query = "timestamp=" + time + "&nonce=263014780&echostr=" + URLEncoder.encode(sealed, UTF_8)
                + "&msg_signature=";

        String signature = WeChatQuery.sign("QDG6eK", time, "263014780", sealed);
        assertThat(text(asked(verify(wecom, "GET", query + signature, Map.of(), ""))))
                .isEqualTo("1616140317555161061");
        assertThat(verify(wecom, "GET", query + "0".repeat(40), Map.of(), "")).isInstanceOf(Refusal.class);
    }

    @Test
    void wecomWithoutACorporationTakesOnlyMessagesThatNameNobody() {
        String key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        SignatureScheme bot =
                SignatureSchemeRegistry.create("wecom", SchemeOptions.of(Map.of("token", "t", "encodingAesKey", key)));
        SignatureScheme corporation = SignatureSchemeRegistry.create(
                "wecom", SchemeOptions.of(Map.of("token", "t", "encodingAesKey", key, "corpId", "ww1 suite2")));
        byte[] message = utf8("{\"msgid\":\"CAIQ1\",\"msgtype\":\"text\"}");

        Envelope forBot = bot.seal(message, "", NOW);
        assertThat(new String(forBot.body(), UTF_8)).startsWith("{\"encrypt\":");
        assertThat(((Verified) pushed(bot, forBot)).id()).isEqualTo("CAIQ1");
        assertThat(pushed(corporation, forBot)).isInstanceOf(Refusal.class);

        Envelope forCorporation = corporation.seal(utf8("<xml><MsgId>7</MsgId></xml>"), "", NOW);
        assertThat(((Verified) pushed(corporation, forCorporation)).id()).isEqualTo("7");
        assertThat(pushed(bot, forCorporation)).isInstanceOf(Refusal.class);
    }

    private static Verdict pushed(SignatureScheme scheme, Envelope sealed) {
        return scheme.verify(new SignedRequest("POST", sealed.query(), Requests.headers(Map.of()), sealed.body()), NOW);
    }
}
