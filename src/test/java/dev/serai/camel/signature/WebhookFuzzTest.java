package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.ingress.Edge;
import dev.serai.signature.Envelope;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.AlipayPeer;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RequestFuzz;
import dev.serai.support.WeChatPayPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated requests to the sources that webhooks are sent to, with each scheme: some are mutated before they are signed, so that
 * the route gets them; -Dserai.fuzz.requests sends more of them.
 */
class WebhookFuzzTest {
    /** Test keys. Do not use them elsewhere. */
    private static final String SECRET = "test-only-secret-0000001";

    private static final String AES_KEY = "testonlyABCDEFGHIJKLMNOPQRSTUVWXYZ012345678";
    private static final WeChatPayPeer WECHAT_PAY = WeChatPayPeer.create();
    private static final AlipayPeer ALIPAY = AlipayPeer.create();
    private static final List<String> WITH_SECRET = List.of(
            "hmac",
            "github",
            "stripe",
            "shopify",
            "slack",
            "feishu",
            "dingtalk",
            "token",
            "bearer",
            "meta",
            "graph",
            "cloudevents",
            "zoom",
            "dropbox",
            "douyin");
    private static final String ROUTE = """
            - route:
                from:
                  uri: kamelet:%s
                  parameters: { path: /%s%s }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.k)}", version: "${jq(.v)}" } }
            """;
    private static final List<String> BODIES = List.of(
            "{\"k\":\"a\",\"v\":12.50,\"event\":\"order\",\"content\":{\"challenge\":1}}",
            "{\"k\":[1,{\"b\":null}],\"value\":[{\"clientState\":\"" + SECRET + "\"}]}",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":{\"k\":\"a\"}}",
            "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"qgg8\"}}",
            "{\"type\":\"url_verification\",\"challenge\":\"c\",\"token\":\"t\",\"k\":\"a\"}",
            "<xml><ToUserName><![CDATA[a]]></ToUserName><MsgId>7</MsgId><k>a</k></xml>",
            "payload=%7B%22k%22%3A%22a%22%7D");

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data, Edge.limited(200, 200));

    private final RequestFuzz fuzz = new RequestFuzz();
    private final List<Function<String, String>> senders = new ArrayList<>();

    @Test
    void noMutatedWebhookIsTheServersFault() throws Exception {
        StringBuilder routes = new StringBuilder(ROUTE.formatted("webhook-source", "none", ""));
        senders.add(body -> post("/none", Map.of(), body));
        senders.add(body -> post("/none", Map.of("Content-Encoding", "gzip"), packed(body)));
        for (String name : WITH_SECRET) {
            routes.append(ROUTE.formatted("webhook-source", name, ", scheme: " + name + ", secret: " + SECRET));
            SignatureScheme scheme = SignatureSchemeRegistry.create(name, SchemeOptions.secret(SECRET));
            senders.add(body -> sealed("/" + name, scheme, body));
        }
        routes.append(
                ROUTE.formatted("webhook-source", "wecom", ", scheme: wecom, token: t, encodingAesKey: " + AES_KEY));
        SignatureScheme wecom = SignatureSchemeRegistry.create(
                "wecom", SchemeOptions.of(Map.of("token", "t", "encodingAesKey", AES_KEY)));
        senders.add(body -> sealed("/wecom", wecom, body));
        senders.add(body -> "GET /wecom?msg_signature=a&timestamp=1&nonce=1&echostr=" + body + end("") + "\r\n");
        senders.add(body -> "GET /meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token=" + body + end("") + "\r\n");
        senders.add(body -> "OPTIONS /cloudevents" + end("WebHook-Request-Origin: h\r\n") + "\r\n");
        senders.add(body -> "POST /graph?validationToken=" + body.replace(' ', '+') + end("") + "\r\n");
        routes.append(ROUTE.formatted(
                "wechat-message-source", "wechat", ", token: t, appId: wx1, encodingAesKey: " + AES_KEY));
        SignatureScheme wechat = SignatureSchemeRegistry.create(
                "wechat-message", SchemeOptions.of(Map.of("token", "t", "encodingAesKey", AES_KEY, "appId", "wx1")));
        senders.add(body -> sealed("/wechat", wechat, body));
        routes.append(ROUTE.formatted(
                "wechatpay-source",
                "pay",
                ", apiV3Key: \"{{pay.key}}\", publicKeyId: \"" + WeChatPayPeer.KEY_ID
                        + "\", publicKey: \"{{pay.public}}\""));
        senders.add(body -> {
            String notification = WeChatPayPeer.notification("e-1", body);
            return post("/pay", WECHAT_PAY.sign(notification, Instant.now()), notification);
        });
        routes.append(ROUTE.formatted("alipay-source", "alipay", ", alipayPublicKey: \"{{alipay.public}}\""));
        senders.add(body -> {
            Map<String, String> payment = new LinkedHashMap<>(AlipayPeer.payment());
            payment.put("subject", body);
            return post(
                    "/alipay",
                    Map.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                    ALIPAY.form(payment));
        });
        runner.with(
                        routes.toString(),
                        Map.of(
                                "pay.key", WeChatPayPeer.API_V3_KEY,
                                "pay.public", WECHAT_PAY.publicPem(),
                                "alipay.public", ALIPAY.publicKey()))
                .start();

        try (CapturedLog log = new CapturedLog()) {
            assertThat(fuzz.failures(runner.server().port(), this::next)).isEmpty();
            assertThat(log.lines()).as("seed %d", fuzz.seed()).noneMatch(WebhookFuzzTest::isError);
        }
        assertThat(runner.post("/none", "{\"k\":\"last\"}".getBytes(UTF_8), Map.of())
                        .statusCode())
                .isEqualTo(202);
    }

    /** The error handler of these routes is Camel's own, which logs each refused message; a node's does not. */
    private static boolean isError(String line) {
        return line.startsWith("ERROR") && !line.startsWith("ERROR Failed delivery for");
    }

    /** Mutated before it is signed, or after, or both. */
    private String next() {
        String body = BODIES.get(fuzz.random().nextInt(BODIES.size()));
        Function<String, String> sender = senders.get(fuzz.random().nextInt(senders.size()));
        boolean isEarly = fuzz.random().nextBoolean();
        String request = sender.apply(isEarly ? fuzz.mutated(body) : body);
        return isEarly && fuzz.random().nextBoolean() ? request : fuzz.mutated(request);
    }

    private static String sealed(String path, SignatureScheme scheme, String body) {
        Envelope envelope;
        try {
            envelope = scheme.seal(body.getBytes(ISO_8859_1), "id-1", Instant.now());
        } catch (IllegalArgumentException e) { // only what can be read can be sealed
            return post(path, Map.of(), body);
        }
        String query = envelope.query() == null ? "" : "?" + envelope.query();
        return post(path + query, envelope.headers(), new String(envelope.body(), ISO_8859_1));
    }

    private static String post(String target, Map<String, String> headers, String body) {
        StringBuilder more = new StringBuilder();
        headers.forEach(
                (name, value) -> more.append(name).append(": ").append(value).append("\r\n"));
        if (!headers.containsKey("Content-Type")) {
            more.append("Content-Type: application/json\r\n");
        }
        return "POST " + target + end(more.toString()) + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String end(String headers) {
        return " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + headers;
    }

    private static String packed(String body) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(body.getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toString(ISO_8859_1);
    }
}
