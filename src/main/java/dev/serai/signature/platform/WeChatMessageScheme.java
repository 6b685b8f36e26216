package dev.serai.signature.platform;

import static dev.serai.signature.platform.WeChatQuery.ECHO;
import static dev.serai.signature.platform.WeChatQuery.MSG_SIGNATURE;
import static dev.serai.signature.platform.WeChatQuery.NONCE;
import static dev.serai.signature.platform.WeChatQuery.SIGNATURE;
import static dev.serai.signature.platform.WeChatQuery.TIMESTAMP;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Base64Text;
import dev.serai.signature.Envelope;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.TimeWindow;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Content;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.ExactJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The messages and events that WeChat pushes for official accounts, mini programs and games. The query has SHA-1 over
 * the sorted texts of token, timestamp and nonce. {@code signature} does not cover the body; {@code msg_signature}
 * covers the encrypted part too, and only it is checked in the safe and the compatible mode. A GET is WeChat's check of
 * the address. The content is JSON, whether WeChat sent JSON or XML.
 *
 * <p>Options: {@code token}; {@code mode}, safe (the default), compatible or plain; except for plain {@code
 * encodingAesKey} and {@code appId}. Several of each are separated by spaces.
 *
 * <p>See: https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
final class WeChatMessageScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class WeChatMessageFactory extends NamedFactory<SignatureScheme>
            implements SignatureSchemeFactory {
        public WeChatMessageFactory() {
            super("wechat-message", WeChatMessageScheme::new);
        }
    }

    private static final String ENCRYPT = "Encrypt";
    private static final String MESSAGE_ID = "MsgId";
    /** Those of WeCom's smart bots, whose messages are for nobody by name. */
    private static final String BOT_ENCRYPT = "encrypt";

    private static final String BOT_MESSAGE_ID = "msgid";

    private static final Pattern ECHOED = Pattern.compile("[\\x21-\\x7e]{1,512}");

    private final List<String> tokens;
    private final boolean encrypted;
    private final List<WeChatAesKey> keys;
    private final List<String> appIds;
    private final TimeWindow window;
    private final SecureRandom random = new SecureRandom();

    WeChatMessageScheme(SchemeOptions options) {
        if (!options.withoutSecrets()) {
            throw new IllegalArgumentException("secret is set, but wechat-message has none: set token");
        }
        tokens = List.of(options.required("token").split("\\s+"));
        encrypted = isEncrypted(options.optional("mode"));
        keys = encrypted ? options.required("encodingAesKey", WeChatMessageScheme::keys) : List.of();
        appIds = encrypted ? List.of(options.required("appId").split("\\s+")) : List.of();
        window = new TimeWindow(options.tolerance());
    }

    /** Of encrypted messages for one of these apps; the empty id is for messages that name none. */
    WeChatMessageScheme(List<String> tokens, List<WeChatAesKey> keys, List<String> appIds, TimeWindow window) {
        this.tokens = tokens;
        this.encrypted = true;
        this.keys = keys;
        this.appIds = appIds;
        this.window = window;
    }

    private static boolean isEncrypted(@Nullable String mode) {
        if (mode == null || mode.equals("safe") || mode.equals("compatible")) {
            return true;
        }
        if (mode.equals("plain")) {
            return false;
        }
        throw new IllegalArgumentException("mode must be safe, compatible or plain, as in WeChat's console");
    }

    static List<WeChatAesKey> keys(String text) {
        return Arrays.stream(text.split("\\s+")).map(WeChatAesKey::new).toList();
    }

    // ---- Verifying

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        WeChatQuery query = WeChatQuery.of(request.query());
        if (query == null) {
            return new Refusal(
                    RefusalReason.MALFORMED, "The query has a parameter twice, or one that is wrongly encoded.");
        }
        boolean asks = request.method().equals("GET");
        Refusal refused = refuseForm(query, asks || !encrypted ? SIGNATURE : MSG_SIGNATURE, now);
        if (refused != null) {
            return refused;
        }
        if (asks) {
            return answer(query);
        }
        return encrypted ? open(query, request.body()) : plain(query, request.body());
    }

    private @Nullable Refusal refuseForm(WeChatQuery query, String signature, Instant now) {
        for (String name : List.of(signature, TIMESTAMP, NONCE)) {
            if (query.value(name).isEmpty()) {
                return new Refusal(RefusalReason.MISSING, "The query has no " + name + missing(name));
            }
        }
        if (!query.isInForm(signature)) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The query's " + signature + ", timestamp or nonce is not in WeChat's form.");
        }
        return window.refuseOutside(TIMESTAMP, query.value(TIMESTAMP), now) == null
                ? null
                : new Refusal(
                        RefusalReason.STALE,
                        "The query's timestamp is more than "
                                + window.tolerance().toSeconds() + " s off: check this machine's clock.");
    }

    private static String missing(String name) {
        return name.equals(MSG_SIGNATURE) ? ": check that the mode is the same here and in WeChat's console." : ".";
    }

    private Verdict answer(WeChatQuery query) {
        if (!query.isSigned(tokens, SIGNATURE)) {
            return forged(SIGNATURE);
        }
        String echo = query.value(ECHO);
        return ECHOED.matcher(echo).matches()
                ? new Asked(Acknowledgement.text(echo))
                : new Refusal(RefusalReason.MALFORMED, "The query has no echostr to answer with.");
    }

    private Verdict plain(WeChatQuery query, byte[] body) {
        return query.isSigned(tokens, SIGNATURE) ? content(body, MESSAGE_ID) : forged(SIGNATURE);
    }

    private Verdict open(WeChatQuery query, byte[] body) {
        JsonNode envelope = object(body);
        boolean isOfBot = envelope != null && !envelope.has(ENCRYPT) && appIds.contains("");
        String text = envelope == null
                ? ""
                : envelope.path(isOfBot ? BOT_ENCRYPT : ENCRYPT).asText();
        if (text.isEmpty()) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The body has no Encrypt: check that the mode is the same here and in WeChat's console.");
        }
        if (!query.isSigned(tokens, MSG_SIGNATURE, text)) {
            return forged(MSG_SIGNATURE);
        }
        byte[] sealed = Base64Text.decode(text);
        if (sealed == null) {
            return new Refusal(RefusalReason.MALFORMED, "The body's Encrypt is not base64.");
        }
        boolean opens = false;
        for (WeChatAesKey key : keys) {
            WeChatAesKey.Opened opened = key.open(sealed);
            if (opened != null && appIds.contains(opened.appId())) {
                return content(opened.message(), isOfBot ? BOT_MESSAGE_ID : MESSAGE_ID);
            }
            opens |= opened != null;
        }
        String detail = opens
                ? "The message is not for an app that is listed in appId (WeCom: corpId), or encodingAesKey is another app's."
                : "The message cannot be decrypted with encodingAesKey: set it as in WeChat's console, and after a change to"
                        + " the new and the old one.";
        return new Refusal(RefusalReason.UNKNOWN_KEY, detail);
    }

    private static Verdict content(byte[] message, String idName) {
        ObjectNode content = object(message);
        if (content == null) {
            return new Refusal(RefusalReason.MALFORMED, "The message is neither XML nor JSON in WeChat's form.");
        }
        byte[] json = bytes(content);
        String id = content.path(idName).asText();
        // An event has no id, but is sent again unchanged.
        Verified verified = MessageId.isHeaderSafe(id) ? new Verified(id) : MessageId.verifiedByContent(json);
        return new Verified(verified.id(), new Content(json, "application/json"));
    }

    private static @Nullable ObjectNode object(byte[] body) {
        try {
            String text =
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString().strip();
            if (text.startsWith("<")) {
                return WeChatXml.object(text);
            }
            return ExactJson.STRICT.readTree(text) instanceof ObjectNode object ? object : null;
        } catch (CharacterCodingException | JsonProcessingException e) {
            return null; // its message would quote the content
        }
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return ExactJson.MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree cannot be written", e);
        }
    }

    private static Refusal forged(String signature) {
        return new Refusal(
                RefusalReason.FORGED,
                "The query's " + signature
                        + " is not the signature of this request: check that token is the one in WeChat's"
                        + " console and that nothing on the way changes the request.");
    }

    // ---- Answers, and WeChat's side

    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.text("success");
    }

    /** What WeChat would push of this message, XML or JSON. */
    @Override
    public Envelope seal(byte[] body, String id, Instant now) {
        String timestamp = Long.toString(now.getEpochSecond());
        String nonce = Integer.toUnsignedString(random.nextInt());
        String query = "signature=" + WeChatQuery.sign(tokens.get(0), timestamp, nonce) + "&timestamp=" + timestamp
                + "&nonce=" + nonce;
        if (!encrypted) {
            return new Envelope(Map.of(), query, body, isXml(body) ? "text/xml" : "application/json");
        }
        String text = Base64.getEncoder().encodeToString(keys.get(0).seal(body, appIds.get(0)));
        query += "&encrypt_type=aes&msg_signature=" + WeChatQuery.sign(tokens.get(0), timestamp, nonce, text);
        String envelope = isXml(body)
                ? "<xml><ToUserName></ToUserName><Encrypt><![CDATA[" + text + "]]></Encrypt></xml>"
                : appIds.get(0).isEmpty()
                        ? "{\"" + BOT_ENCRYPT + "\":\"" + text + "\"}"
                        : "{\"ToUserName\":\"\",\"Encrypt\":\"" + text + "\"}";
        return new Envelope(Map.of(), query, envelope.getBytes(UTF_8), isXml(body) ? "text/xml" : "application/json");
    }

    private static boolean isXml(byte[] body) {
        return body.length > 0 && body[0] == '<';
    }

    /** All of it is in the query. */
    @Override
    public Set<String> signatureHeaders() {
        return Set.of();
    }
}
