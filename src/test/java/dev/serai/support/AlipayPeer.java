package dev.serai.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.alipay.api.AlipayApiException;
import com.alipay.api.internal.util.AlipaySignature;
import java.io.UnsupportedEncodingException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.KeyPair;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Simulates Alipay with the signatures of its own library, without our code. */
public final class AlipayPeer {
    public static final String APP_ID = "2014072300007148";
    public static final String SELLER_ID = "2088101106499364";
    public static final String ID = "ac05099524730693a8b330c5ecf72da9786";

    private final KeyPair pair;

    public AlipayPeer(KeyPair pair) {
        this.pair = pair;
    }

    /** With another key than the last five. */
    public static AlipayPeer create() {
        return new AlipayPeer(RsaKeys.next());
    }

    /** A payment's fields, unordered. */
    public static Map<String, String> payment() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("gmt_create", "2026-11-20 10:34:40");
        fields.put("charset", "utf-8");
        fields.put("seller_email", "canary-seller@example.com");
        fields.put("subject", "大乐透 100% + A&B=C");
        fields.put("buyer_id", "canary-buyer");
        fields.put("notify_id", ID);
        fields.put("fund_bill_list", "[{\"amount\":\"65.00\",\"fundChannel\":\"ALIPAYACCOUNT\"}]");
        fields.put("notify_type", "trade_status_sync");
        fields.put("trade_status", "TRADE_SUCCESS");
        fields.put("app_id", APP_ID);
        fields.put("seller_id", SELLER_ID);
        fields.put("gmt_payment", "2026-11-20 10:34:56");
        fields.put("notify_time", "2026-11-20 10:34:57");
        fields.put("version", "1.0");
        fields.put("out_trade_no", "P-1");
        fields.put("total_amount", "65.00");
        fields.put("trade_no", "2026112022001421590000000001");
        return fields;
    }

    /** In base64, as the console shows it. */
    public String publicKey() {
        return Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
    }

    public String publicPem() {
        return WeChatPayPeer.pem("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    public String privateKey() {
        return Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
    }

    public Map<String, String> options() {
        return new HashMap<>(Map.of("alipayPublicKey", publicKey()));
    }

    /** These fields as Alipay posts them, in the charset that they name. */
    public String form(Map<String, String> fields) {
        Map<String, String> signed = new LinkedHashMap<>(fields);
        signed.put("sign_type", "RSA2");
        signed.put("sign", sign(AlipaySignature.getSignCheckContentV1(new HashMap<>(fields)), charset(fields)));
        return encode(signed);
    }

    /** The signature of a text, in base64. */
    public String sign(String content, String charset) {
        try {
            return AlipaySignature.rsa256Sign(content, privateKey(), charset);
        } catch (AlipayApiException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The gateway's answer with this response, a JSON object. */
    public String answer(String name, String response) {
        return "{\"" + name + "\":" + response + ",\"sign\":\"" + sign(response, "utf-8") + "\"}";
    }

    /** The decoded parameters of the owner's request; empty if the owner did not sign them. */
    public Map<String, String> question(String query) {
        Map<String, String> parameters = Stream.of(query.split("&"))
                .map(part -> part.split("=", 2))
                .collect(Collectors.toMap(part -> part[0], part -> URLDecoder.decode(part[1], UTF_8)));
        try {
            boolean signed = AlipaySignature.rsaCheckV2(new HashMap<>(parameters), publicKey(), "utf-8", "RSA2");
            return signed ? parameters : Map.of();
        } catch (AlipayApiException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String charset(Map<String, String> fields) {
        return fields.getOrDefault("charset", "utf-8");
    }

    public static String encode(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + encode(field.getValue(), charset(fields)))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String value, String charset) {
        try {
            return URLEncoder.encode(value, charset);
        } catch (UnsupportedEncodingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
