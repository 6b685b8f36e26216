package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Base64Text;
import dev.serai.signature.Envelope;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.TimeWindow;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * WeCom's callbacks: as WeChat's messages in safe mode ({@link WeChatMessageScheme}), but the check of the address is encrypted
 * as well. Options: {@code token}, {@code encodingAesKey}, {@code corpId}, several separated by spaces.
 *
 * <p>What is decrypted names its receiver (ReceiveId): a corporation, the suite of a third-party app, or for the check of a
 * third-party app's address its provider's corporation; {@code corpId} lists them. For smart bots and for apps of persons it is
 * empty, and {@code corpId} is left out. Smart bots send JSON, with {@code encrypt} and {@code msgid}.
 *
 * <p>See: https://developer.work.weixin.qq.com/document/path/90930, 91144 (ReceiveId), 101033 (smart bots)
 */
final class WecomScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class WecomFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public WecomFactory() {
            super("wecom", WecomScheme::new);
        }

        @Override
        public Set<String> methods() {
            return Set.of("GET", "POST");
        }
    }

    private final WeChatMessageScheme messages;
    private final List<String> tokens;
    private final List<WeChatAesKey> keys;
    private final List<String> receivers;
    private final TimeWindow window;

    WecomScheme(SchemeOptions options) {
        if (!options.withoutSecrets()) {
            throw new IllegalArgumentException("secret is set, but wecom has none: set token");
        }
        options.required("token");
        tokens = options.several("token");
        keys = options.required("encodingAesKey", WeChatMessageScheme::keys);
        receivers = options.optional("corpId") == null ? List.of("") : options.several("corpId");
        window = new TimeWindow(options.tolerance());
        messages = new WeChatMessageScheme(tokens, keys, receivers, window);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        return request.method().equals("GET") ? answer(request, now) : messages.verify(request, now);
    }

    private Verdict answer(SignedRequest request, Instant now) {
        WeChatQuery query = WeChatQuery.of(request.query());
        if (query == null || !query.isInForm(WeChatQuery.MSG_SIGNATURE)) {
            return new Refusal(RefusalReason.MALFORMED, "The query is not WeCom's check of an address.");
        }
        if (window.refuseOutside(WeChatQuery.TIMESTAMP, query.value(WeChatQuery.TIMESTAMP), now) != null) {
            return new Refusal(
                    RefusalReason.STALE, "The query's timestamp is too far off: check this machine's clock.");
        }
        String echo = query.value(WeChatQuery.ECHO);
        byte[] sealed = Base64Text.decode(echo);
        if (!query.isSigned(tokens, WeChatQuery.MSG_SIGNATURE, echo) || sealed == null) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The query's msg_signature is not the signature of this request: check that token is the one in WeCom's console.");
        }
        for (WeChatAesKey key : keys) {
            WeChatAesKey.Opened opened = key.open(sealed);
            if (opened != null && receivers.contains(opened.appId())) {
                return new Asked(Acknowledgement.text(new String(opened.message(), UTF_8)));
            }
        }
        return new Refusal(
                RefusalReason.UNKNOWN_KEY,
                "The echostr cannot be decrypted with encodingAesKey, or is not for the corporation in corpId: leave corpId"
                        + " out for a smart bot only.");
    }

    /** What WeCom would push of this message. */
    @Override
    public Envelope seal(byte[] body, String id, Instant now) {
        return messages.seal(body, id, now);
    }

    /** An empty answer: WeCom takes more for a message to the user. */
    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(200);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of();
    }
}
