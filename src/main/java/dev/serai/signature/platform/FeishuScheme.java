package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Envelope;
import dev.serai.signature.HeaderLookup;
import dev.serai.signature.JsonFields;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Content;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Events of Feishu and Lark. With an Encrypt Key (the secret) each is signed and encrypted; without one, only the
 * Verification Token in the body authenticates it. Both are checked if both are set. The id is the event's, in the
 * body.
 *
 * <p>There is no limit on the time: Feishu publishes none, nor whether a retry six hours later is signed again. The id
 * stops replays.
 *
 * <p>See:
 * https://open.feishu.cn/document/server-docs/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */
final class FeishuScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class FeishuFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public FeishuFactory() {
            super("feishu", FeishuScheme::new);
        }
    }

    private static final String SIGNATURE = "X-Lark-Signature";
    private static final String TIMESTAMP = "X-Lark-Request-Timestamp";
    private static final String NONCE = "X-Lark-Request-Nonce";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final String JSON = "application/json";

    private static final String ENCRYPT = "/encrypt";
    private static final JsonFields ENVELOPE = new JsonFields(ENCRYPT);

    private static final String TYPE = "/type";
    private static final String CHALLENGE = "/challenge";
    private static final String TOKEN = "/token";
    private static final String HEADER_TOKEN = "/header/token";
    private static final String ID = "/header/event_id";
    private static final String UUID_V1 = "/uuid";
    private static final JsonFields FIELDS = new JsonFields(TYPE, CHALLENGE, TOKEN, HEADER_TOKEN, ID, UUID_V1);

    /** Nothing else is echoed, since it may come from a request that is not signed: blocks put together by a stranger. */
    private static final Pattern PLAIN_CHALLENGE = Pattern.compile("[0-9A-Za-z_-]{1,128}");

    private static final int UNSIGNED_BODY_BYTES_MAX = 4096;

    /** The same for every error, so that an attacker cannot use the answers as a decryption oracle. */
    private static final Refusal UNSIGNED =
            new Refusal(RefusalReason.MISSING, "The header " + SIGNATURE + " is missing: sign the request.");

    private final List<FeishuKey> keys;
    private final List<byte[]> tokens;

    FeishuScheme(SchemeOptions options) {
        this.tokens = options.several("verificationToken").stream()
                .map(token -> token.getBytes(UTF_8))
                .toList();
        if (tokens.isEmpty() && options.withoutSecrets()) {
            throw new IllegalArgumentException(
                    "secret is empty: set it to the app's Encrypt Key, or verificationToken if the app has none");
        }
        this.keys = options.withoutSecrets() ? List.of() : options.keys(FeishuKey::ofText);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        if (keys.isEmpty()) {
            return judge(request.body(), false);
        }
        boolean signed = !request.headers().values(SIGNATURE).isEmpty();
        return signed ? verifySigned(request) : answerUnsigned(request.body());
    }

    private Verdict verifySigned(SignedRequest request) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(SIGNATURE, TIMESTAMP, NONCE);
        if (refused != null) {
            return refused;
        }
        String hex = headers.value(SIGNATURE);
        if (!HEX.matcher(hex).matches()) {
            return new Refusal(RefusalReason.MALFORMED, "The header " + SIGNATURE + " is not 64 hexadecimal digits.");
        }
        byte[] signature = HexFormat.of().parseHex(hex);
        for (FeishuKey key : keys) {
            byte[] expected = key.sign(headers.value(TIMESTAMP), headers.value(NONCE), request.body());
            if (MessageDigest.isEqual(expected, signature)) {
                return open(key, request.body());
            }
        }
        return new Refusal(
                RefusalReason.FORGED,
                "The header " + SIGNATURE
                        + " is not the signature of this time, nonce and body: check that the secret is"
                        + " the app's Encrypt Key and that nothing on the way changes the body.");
    }

    private Verdict open(FeishuKey key, byte[] body) {
        Map<String, String> envelope = ENVELOPE.of(body);
        if (envelope == null) {
            return new Refusal(RefusalReason.MALFORMED, "The body is not a JSON object.");
        }
        String encrypted = envelope.get(ENCRYPT);
        if (encrypted == null) {
            return judge(body, false);
        }
        byte[] content = key.decrypt(encrypted);
        return content == null
                ? new Refusal(RefusalReason.MALFORMED, "The body's encrypt is not the base64 of encrypted text.")
                : judge(content, true);
    }

    /** Feishu asks for the address without a signature, but encrypted; everything else has to be signed. */
    private Verdict answerUnsigned(byte[] body) {
        Map<String, String> envelope = body.length > UNSIGNED_BODY_BYTES_MAX ? null : ENVELOPE.of(body);
        String encrypted = envelope == null ? null : envelope.get(ENCRYPT);
        if (encrypted == null) {
            return UNSIGNED;
        }
        for (FeishuKey key : keys) {
            byte[] content = key.decrypt(encrypted);
            if (content != null && judge(content, true) instanceof Asked asked) {
                return asked;
            }
        }
        return UNSIGNED;
    }

    private Verdict judge(byte[] content, boolean encrypted) {
        Map<String, String> fields = FIELDS.of(content);
        if (fields == null) {
            return new Refusal(RefusalReason.MALFORMED, "The body is not a JSON object.");
        }
        Refusal refused = refuseToken(fields.getOrDefault(HEADER_TOKEN, fields.get(TOKEN)));
        if (refused != null) {
            return refused;
        }
        if ("url_verification".equals(fields.get(TYPE))) {
            String challenge = fields.getOrDefault(CHALLENGE, "");
            return PLAIN_CHALLENGE.matcher(challenge).matches()
                    ? new Asked(Acknowledgement.json(200, "{\"challenge\":\"" + challenge + "\"}"))
                    : new Refusal(RefusalReason.MALFORMED, "The challenge is not 1 to 128 letters and digits.");
        }
        String id = fields.getOrDefault(ID, fields.get(UUID_V1));
        Verdict verdict = id == null ? MessageId.verifiedByContent(content) : MessageId.verified(id, "event_id");
        return encrypted && verdict instanceof Verified verified
                ? new Verified(verified.id(), new Content(content, JSON))
                : verdict;
    }

    private @Nullable Refusal refuseToken(@Nullable String token) {
        if (tokens.isEmpty()) {
            return null;
        }
        if (token == null) {
            return new Refusal(RefusalReason.MISSING, "The body has no token.");
        }
        byte[] given = token.getBytes(UTF_8);
        if (tokens.stream().anyMatch(known -> MessageDigest.isEqual(known, given))) {
            return null;
        }
        return new Refusal(
                RefusalReason.FORGED,
                "The token in the body is wrong: check that verificationToken is the app's Verification Token.");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        if (keys.isEmpty()) {
            return Map.of(); // only the token in the body is checked
        }
        String timestamp = Long.toString(now.getEpochSecond());
        String nonce = UUID.randomUUID().toString();
        byte[] signature = keys.get(0).sign(timestamp, nonce, body);
        return Map.of(
                TIMESTAMP, timestamp, NONCE, nonce, SIGNATURE, HexFormat.of().formatHex(signature));
    }

    @Override
    public Envelope seal(byte[] body, String id, Instant now) {
        byte[] content = withToken(body);
        if (keys.isEmpty()) {
            return new Envelope(Map.of(), null, content, null);
        }
        byte[] sealed = ("{\"encrypt\":\"" + keys.get(0).encrypt(content) + "\"}").getBytes(UTF_8);
        return new Envelope(sign(sealed, id, now), null, sealed, JSON);
    }

    /** The body with the token that the receiver expects, unless it has one. */
    private byte[] withToken(byte[] body) {
        try {
            if (!tokens.isEmpty()
                    && ExactJson.STRICT.readTree(body) instanceof ObjectNode content
                    && content.at(HEADER_TOKEN).isMissingNode()
                    && content.at(TOKEN).isMissingNode()) {
                ObjectNode place = content.get("header") instanceof ObjectNode header ? header : content;
                place.put("token", new String(tokens.get(0), UTF_8));
                return content.toString().getBytes(UTF_8);
            }
        } catch (IOException e) {
            // whoever receives it refuses it
        }
        return body;
    }

    /** An empty object: Feishu takes more for the new state of a card. */
    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.json(200, "{}");
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE, TIMESTAMP, NONCE);
    }
}
