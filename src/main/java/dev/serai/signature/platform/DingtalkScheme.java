package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Acknowledgement;
import dev.serai.signature.HeaderLookup;
import dev.serai.signature.HmacKey;
import dev.serai.signature.JsonFields;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.TimeWindow;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * DingTalk's messages to a robot: {@code time\nsecret} is signed with HMAC-SHA256 under the app's secret. <b>The body
 * is not signed</b>: anyone who has seen one request can forge others for an hour.
 *
 * <p>See: https://open.dingtalk.com/document/isvapp/receive-message
 */
final class DingtalkScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class DingtalkFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public DingtalkFactory() {
            super("dingtalk", DingtalkScheme::new);
        }

        @Override
        public Set<String> requestHeaders() {
            return Set.of(SIGN, TIMESTAMP);
        }
    }

    private static final String TIMESTAMP = "timestamp";
    private static final String SIGN = "sign";
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{43}=");
    private static final Duration PLATFORMS_TOLERANCE = Duration.ofHours(1);

    private static final String ID = "/msgId";
    private static final JsonFields FIELDS = new JsonFields(ID);

    private record DingtalkKey(byte[] text, HmacKey hmac) {
        DingtalkKey(String text) {
            this(text.getBytes(UTF_8), new HmacKey(text.getBytes(UTF_8)));
        }

        byte[] sign(String timestamp) {
            return hmac.sign((timestamp + "\n").getBytes(UTF_8), text);
        }

        boolean matches(byte[] signature, String timestamp) {
            return hmac.matches(signature, (timestamp + "\n").getBytes(UTF_8), text);
        }
    }

    private final List<DingtalkKey> keys;
    private final TimeWindow window;

    /** One hour as on the platform, or the tolerance if it is longer: DingTalk does not resend a refused message. */
    DingtalkScheme(SchemeOptions options) {
        this.keys = options.keys(
                secret -> HmacKey.listed(secret).stream().map(DingtalkKey::new).toList());
        Duration tolerance = options.tolerance();
        this.window = new TimeWindow(tolerance.compareTo(PLATFORMS_TOLERANCE) > 0 ? tolerance : PLATFORMS_TOLERANCE);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(SIGN, TIMESTAMP);
        if (refused != null) {
            return refused;
        }
        String value = headers.value(SIGN);
        if (!BASE64.matcher(value).matches()) {
            return new Refusal(RefusalReason.MALFORMED, "The header " + SIGN + " is not the base64 of 32 bytes.");
        }
        String timestamp = headers.value(TIMESTAMP);
        refused = window.refuseMillisOutside(TIMESTAMP, timestamp, now);
        if (refused != null) {
            return refused;
        }
        byte[] signature = Base64.getDecoder().decode(value);
        if (keys.stream().noneMatch(key -> key.matches(signature, timestamp))) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + SIGN + " is not the signature of the header " + TIMESTAMP
                            + ": check that the secret is the app's secret (AppSecret, Client Secret).");
        }
        Map<String, String> fields = FIELDS.of(request.body());
        String id = fields == null ? null : fields.get(ID);
        return id == null ? new Verified(null) : MessageId.verified(id, "msgId");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        String timestamp = Long.toString(now.toEpochMilli());
        return Map.of(
                TIMESTAMP,
                timestamp,
                SIGN,
                Base64.getEncoder().encodeToString(keys.get(0).sign(timestamp)));
    }

    /** Nothing but the status: DingTalk takes a body for a message that answers the user. */
    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(200);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGN, TIMESTAMP);
    }
}
