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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * WeCom's callbacks: as WeChat's messages in safe mode ({@link WeChatMessageScheme}), but the check of the address is encrypted
 * as well. Options: {@code token}, {@code encodingAesKey}, {@code corpId}, several separated by spaces.
 *
 * <p>See: https://developer.work.weixin.qq.com/document/path/90930
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
    private final List<String> corpIds;
    private final TimeWindow window;

    WecomScheme(SchemeOptions options) {
        Map<String, String> more = new HashMap<>(options.more());
        more.put("appId", options.required("corpId"));
        more.put("mode", "safe");
        messages = new WeChatMessageScheme(
                new SchemeOptions(options.secret(), options.previousSecret(), null, options.tolerance(), more));
        tokens = options.several("token");
        keys = options.required(
                "encodingAesKey",
                text -> Arrays.stream(text.split("\\s+")).map(WeChatAesKey::new).toList());
        corpIds = options.several("corpId");
        window = new TimeWindow(options.tolerance());
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
            if (opened != null && corpIds.contains(opened.appId())) {
                return new Asked(Acknowledgement.text(new String(opened.message(), UTF_8)));
            }
        }
        return new Refusal(
                RefusalReason.UNKNOWN_KEY,
                "The echostr cannot be decrypted with encodingAesKey, or is not for the corporation in corpId.");
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
