package dev.serai.support;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import me.chanjar.weixin.common.util.crypto.SHA1;
import me.chanjar.weixin.common.util.crypto.WxCryptUtil;

/** Simulates WeChat with the ciphers and hashes of its best-known library, without our code. */
public final class WeChatPeer {

    /** Test keys. Do not use them elsewhere. */
    public static final String TOKEN = "test-only-token";

    public static final String AES_KEY = "testonlyABCDEFGHIJKLMNOPQRSTUVWXYZ012345678";
    public static final String OTHER_AES_KEY = "othertestBCDEFGHIJKLMNOPQRSTUVWXYZ012345678";
    public static final String APP_ID = "wx0000000000000001";

    public static final String MESSAGE = """
            <xml><ToUserName><![CDATA[gh_canary]]></ToUserName><FromUserName><![CDATA[canary-openid]]></FromUserName>\
            <CreateTime>1795423845</CreateTime><MsgType><![CDATA[text]]></MsgType>\
            <Content><![CDATA[1 < 2 & <b>微信</b>]]></Content><MsgId>6054768590064713728</MsgId></xml>""";
    public static final String MESSAGE_AS_JSON = """
            {"ToUserName":"gh_canary","FromUserName":"canary-openid","CreateTime":"1795423845","MsgType":"text",\
            "Content":"1 < 2 & <b>微信</b>","MsgId":"6054768590064713728"}""";
    public static final String ID = "6054768590064713728";
    public static final String EVENT = """
            <xml><ToUserName><![CDATA[gh_canary]]></ToUserName><FromUserName><![CDATA[canary-openid]]></FromUserName>\
            <CreateTime>1795423845</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event></xml>""";

    private static final String NONCE = "1372623149";

    private final String token;
    private final String aesKey;
    private final String appId;

    public WeChatPeer() {
        this(TOKEN, AES_KEY, APP_ID);
    }

    public WeChatPeer(String token, String aesKey, String appId) {
        this.token = token;
        this.aesKey = aesKey;
        this.appId = appId;
    }

    /** A push: the query and the body. */
    public record Push(String query, String body) {
        /** With one text of the query replaced by another. */
        public Push queryWith(String text, String replacement) {
            return new Push(query.replaceFirst(text, replacement), body);
        }

        public Push bodyWith(String text, String replacement) {
            return new Push(query, body.replace(text, replacement));
        }
    }

    private static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                .sorted()
                .collect(Collectors.joining("&"));
    }

    /** The address check that WeChat sends when the URL is entered in its console. */
    public String question(String echo, Instant now) {
        return query(Map.of("signature", signature(now), "timestamp", seconds(now), "nonce", NONCE, "echostr", echo));
    }

    private String signature(Instant now) {
        return SHA1.gen(token, seconds(now), NONCE);
    }

    private static String seconds(Instant now) {
        return Long.toString(now.getEpochSecond());
    }

    public Push plain(String message, Instant now) {
        String query = query(Map.of(
                "signature", signature(now), "timestamp", seconds(now), "nonce", NONCE, "openid", "canary-openid"));
        return new Push(query, message);
    }

    /** In safe mode. */
    public Push encrypted(String message, Instant now) {
        String encrypt = encrypt(message);
        return signed(
                encrypt,
                "<xml>\n<ToUserName><![CDATA[gh_canary]]></ToUserName>\n<Encrypt><![CDATA[" + encrypt
                        + "]]></Encrypt>\n</xml>",
                now);
    }

    public String encrypt(String message) {
        return new WxCryptUtil(token, aesKey, appId)
                .encrypt("0123456789abcdef", message)
                .replaceAll("\\s", "");
    }

    /** Any body, with the signature over this text. */
    public Push signed(String encrypt, String body, Instant now) {
        String query = query(Map.of(
                "signature",
                signature(now),
                "timestamp",
                seconds(now),
                "nonce",
                NONCE,
                "openid",
                "canary-openid",
                "encrypt_type",
                "aes",
                "msg_signature",
                SHA1.gen(token, seconds(now), NONCE, encrypt)));
        return new Push(query, body);
    }

    /** The decrypted message of a push; throws if the signature is wrong. */
    public String read(String query, String body) {
        Map<String, String> parameters = Arrays.stream(query.split("&"))
                .map(part -> part.split("=", 2))
                .collect(Collectors.toMap(part -> part[0], part -> part[1]));
        return new WxCryptUtil(token, aesKey, appId)
                .decryptXml(
                        parameters.get("msg_signature"), parameters.get("timestamp"), parameters.get("nonce"), body);
    }
}
