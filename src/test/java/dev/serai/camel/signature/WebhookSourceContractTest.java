package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.connector.PushSourceContract;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A sender that signs its bodies. */
class WebhookSourceContractTest extends PushSourceContract {
    private static final String SECRET = "test-only-secret";

    @Override
    protected String kamelet() {
        return "webhook-source";
    }

    @Override
    protected String options() {
        return """
                path: /hooks/orders
                scheme: hmac
                secret: "{{orders.secret}}"
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("orders.secret", SECRET);
    }

    @Override
    protected String id() {
        return "${jq(.id)}";
    }

    @Override
    protected String key() {
        return "${jq(.key)}";
    }

    @Override
    protected Answer push(String id, String key, String text) throws Exception {
        return post("{\"id\":\"" + id + "\",\"key\":\"" + key + "\",\"text\":\"" + text + "\"}");
    }

    @Override
    protected Answer pushBroken() throws Exception {
        return post("{\"id\":");
    }

    private Answer post(String body) throws Exception {
        return of(source().post("/hooks/orders", body.getBytes(UTF_8), Map.of("X-Signature", signature(body))));
    }

    private static String signature(String body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
        return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
    }
}
