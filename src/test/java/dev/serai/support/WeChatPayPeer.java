package dev.serai.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.wechat.pay.java.core.cipher.AeadAesCipher;
import com.wechat.pay.java.core.cipher.RSASigner;
import com.wechat.pay.java.core.cipher.RSAVerifier;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Simulates WeChat Pay with the ciphers of its own library, without our code. */
public final class WeChatPayPeer {

    /** Test keys. Do not use them elsewhere. */
    public static final String API_V3_KEY = "test-only-api-v3-key-00000000001";

    public static final String OTHER_API_V3_KEY = "test-only-api-v3-key-00000000002";
    public static final String KEY_ID = "PUB_KEY_ID_0000000000000000000000000000000001";

    public static final String MCHID = "1900000109";
    public static final String APPID = "wxd678efh567hg6787";
    public static final String PAYMENT = """
            {"mchid":"1900000109","appid":"wxd678efh567hg6787","out_trade_no":"P-1","transaction_id":"4200000000000000001",\
            "trade_type":"JSAPI","trade_state":"SUCCESS","trade_state_desc":"支付成功","success_time":"2026-11-20T10:34:56+08:00",\
            "payer":{"openid":"canary-openid"},"amount":{"total":6500,"payer_total":6500,"currency":"CNY","payer_currency":"CNY"}}""";
    public static final String REFUND = """
            {"mchid":"1900000109","out_trade_no":"P-1","transaction_id":"4200000000000000001","out_refund_no":"R-1",\
            "refund_id":"5000000000000000001","refund_status":"SUCCESS","success_time":"2026-11-20T11:34:56+08:00",\
            "user_received_account":"支付用户零钱","amount":{"total":6500,"refund":500,"payer_total":6500,"payer_refund":500}}""";

    private static final String NONCE = "fdasflkja484";
    private static final Pattern AUTHORIZATION = Pattern.compile("WECHATPAY2-SHA256-RSA2048 mchid=\"" + MCHID
            + "\",nonce_str=\"([^\"]+)\",timestamp=\"(\\d+)\",serial_no=\"[0-9A-F]+\",signature=\"([^\"]+)\"");

    private final KeyPair pair;
    private final String serial;

    public WeChatPayPeer(KeyPair pair, String serial) {
        this.pair = pair;
        this.serial = serial;
    }

    /** With another public key than the last five under {@link #KEY_ID}. */
    public static WeChatPayPeer create() {
        return new WeChatPayPeer(RsaKeys.next(), KEY_ID);
    }

    public static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    public String publicPem() {
        return pem("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    public String privatePem() {
        return pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    public KeyPair pair() {
        return pair;
    }

    /** The options of a merchant that trusts this peer's public key. */
    public Map<String, String> options() {
        return new HashMap<>(Map.of("apiV3Key", API_V3_KEY, "publicKeyId", serial, "publicKey", publicPem()));
    }

    public SignatureScheme scheme() {
        return SignatureSchemeRegistry.create("wechatpay", SchemeOptions.of(options()));
    }

    /** A notification of this resource. */
    public static String notification(String id, String resource) {
        return notification(id, resource, API_V3_KEY, "transaction");
    }

    /** @param associatedData null leaves it out */
    public static String notification(String id, String resource, String apiV3Key, @Nullable String associatedData) {
        byte[] data = associatedData == null ? null : associatedData.getBytes(UTF_8);
        String ciphertext = new AeadAesCipher(apiV3Key.getBytes(UTF_8))
                .encrypt(data, NONCE.getBytes(UTF_8), resource.getBytes(UTF_8));
        String associated = associatedData == null ? "" : "\"associated_data\": \"" + associatedData + "\", ";
        return """
                { "id": "%s", "create_time": "2026-11-20T10:34:56+08:00", "resource_type": "encrypt-resource",
                  "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
                  "resource": { "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "ciphertext": "%s", %s"nonce": "%s" } }""".formatted(id, ciphertext, associated, NONCE);
    }

    /** Whether the Authorization header proves that the request is the owner's. */
    public boolean hasSigned(String method, String pathAndQuery, String authorization) {
        Matcher parts = AUTHORIZATION.matcher(authorization);
        if (!parts.matches()) {
            return false;
        }
        String message = method + "\n" + pathAndQuery + "\n" + parts.group(2) + "\n" + parts.group(1) + "\n\n";
        return new RSAVerifier(pair.getPublic(), serial).verify(serial, message, parts.group(3));
    }

    /** The headers of a notification or an answer of WeChat Pay. */
    public Map<String, String> sign(String body, Instant now) {
        String timestamp = Long.toString(now.getEpochSecond());
        String nonce = "d824f2e086d3c1df967785d13fcd22ef";
        String signature = new RSASigner(serial, pair.getPrivate())
                .sign(timestamp + "\n" + nonce + "\n" + body + "\n")
                .getSign();
        return new HashMap<>(Map.of(
                "Wechatpay-Serial", serial,
                "Wechatpay-Timestamp", timestamp,
                "Wechatpay-Nonce", nonce,
                "Wechatpay-Signature", signature,
                "Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"));
    }
}
