package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Slack's request signatures: {@code v0:time:body} with HMAC-SHA256 under the app's signing secret. The id is the
 * event's, in the signed body. Slash commands and interactions have none and are sent once; their id is a hash of the
 * signed text.
 *
 * <p>See: https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
final class SlackScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class SlackFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public SlackFactory() {
            super("slack", SlackScheme::new);
        }
    }

    private static final String SIGNATURE = "X-Slack-Signature";
    private static final String TIMESTAMP = "X-Slack-Request-Timestamp";
    private static final String PREFIX = "v0=";
    private static final Pattern VALUE = Pattern.compile(PREFIX + "[0-9a-f]{64}");

    private static final String TYPE = "/type";
    private static final String CHALLENGE = "/challenge";
    private static final String ID = "/event_id";
    private static final JsonFields FIELDS = new JsonFields(TYPE, CHALLENGE, ID);

    private final List<HmacKey> keys;
    private final TimeWindow window;

    SlackScheme(SchemeOptions options) {
        this.keys = options.keys(HmacKey::ofText);
        this.window = new TimeWindow(options.tolerance());
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(SIGNATURE, TIMESTAMP);
        if (refused != null) {
            return refused;
        }
        String value = headers.value(SIGNATURE);
        if (!VALUE.matcher(value).matches()) {
            return new Refusal(
                    RefusalReason.MALFORMED, "The header " + SIGNATURE + " is not 'v0=' and 64 hexadecimal digits.");
        }
        String timestamp = headers.value(TIMESTAMP);
        refused = window.refuseOutside(TIMESTAMP, timestamp, now);
        if (refused != null) {
            return refused;
        }
        byte[] signature = HexFormat.of().parseHex(value, PREFIX.length(), value.length());
        byte[] prefix = signedPrefix(timestamp);
        if (keys.stream().noneMatch(key -> key.matches(signature, prefix, request.body()))) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + SIGNATURE + " is not the signature of this time and body: check that the secret is"
                            + " the app's signing secret and that nothing on the way changes the body.");
        }
        return judge(prefix, request.body());
    }

    private static Verdict judge(byte[] prefix, byte[] body) {
        Map<String, String> fields = FIELDS.of(body);
        if (fields == null) {
            return MessageId.verifiedByContent(prefix, body); // a form
        }
        String challenge = fields.get(CHALLENGE);
        if ("url_verification".equals(fields.get(TYPE)) && challenge != null) {
            return new Asked(Acknowledgement.text(challenge));
        }
        String id = fields.get(ID);
        return id == null ? MessageId.verifiedByContent(prefix, body) : MessageId.verified(id, "event_id");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        String timestamp = Long.toString(now.getEpochSecond());
        byte[] signature = keys.get(0).sign(signedPrefix(timestamp), body);
        return Map.of(TIMESTAMP, timestamp, SIGNATURE, PREFIX + HexFormat.of().formatHex(signature));
    }

    /** Nothing but the status: Slack would show a body to the user who gave a command. */
    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(200);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE, TIMESTAMP);
    }

    private static byte[] signedPrefix(String timestamp) {
        return ("v0:" + timestamp + ":").getBytes(US_ASCII);
    }
}
