package dev.serai.signature.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Envelope;
import dev.serai.signature.HmacKey;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.QueryText;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Change notifications of Microsoft Graph. <b>Nothing is signed</b>: each notification holds the subscription's
 * {@code clientState}, which is the secret. The address is checked by a {@code validationToken} in the query. A hash of the body
 * is the change's id.
 *
 * <p>See: https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks
 */
final class GraphScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class GraphFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public GraphFactory() {
            super("graph", GraphScheme::new);
        }
    }

    private static final String VALIDATION = "validationToken";
    private static final int TOKEN_CHARS_MAX = 2048;

    private final List<byte[]> states;

    GraphScheme(SchemeOptions options) {
        states = options.keys(secret -> HmacKey.listed(secret).stream()
                .map(text -> text.getBytes(UTF_8))
                .toList());
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        String token = QueryText.value(request.query(), VALIDATION);
        if (token != null) {
            boolean isEchoed =
                    token.length() <= TOKEN_CHARS_MAX && token.chars().noneMatch(Character::isISOControl);
            return isEchoed
                    ? new Asked(Acknowledgement.text(token))
                    : new Refusal(
                            RefusalReason.MALFORMED,
                            "The query's validationToken is too long or has control characters.");
        }
        JsonNode notifications = notifications(request.body());
        if (notifications == null) {
            return new Refusal(RefusalReason.MALFORMED, "The body is not a JSON object with a list 'value'.");
        }
        for (JsonNode notification : notifications) {
            Refusal refused = refuse(notification.path("clientState"));
            if (refused != null) {
                return refused;
            }
        }
        return MessageId.verifiedByContent(request.body());
    }

    private @Nullable Refusal refuse(JsonNode state) {
        if (!state.isTextual()) {
            return new Refusal(
                    RefusalReason.MISSING,
                    "A notification has no clientState: set it when the subscription is created.");
        }
        byte[] given = state.textValue().getBytes(UTF_8);
        boolean isKnown = false;
        for (byte[] known : states) {
            isKnown |= MessageDigest.isEqual(known, given);
        }
        return isKnown
                ? null
                : new Refusal(
                        RefusalReason.FORGED,
                        "A notification's clientState is wrong: check that the secret is the subscription's clientState.");
    }

    /** Null if there are none. */
    private static @Nullable JsonNode notifications(byte[] body) {
        try {
            JsonNode value = ExactJson.STRICT.readTree(body).path("value");
            return value.isArray() && !value.isEmpty() ? value : null;
        } catch (IOException e) {
            return null; // its message would quote the content
        }
    }

    /** The secret is in the body. */
    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of();
    }

    /** What Graph would send: each notification gets the secret, unless it has one. */
    @Override
    public Envelope seal(byte[] body, String id, Instant now) {
        JsonNode root;
        try {
            root = ExactJson.STRICT.readTree(body);
        } catch (IOException e) {
            throw new IllegalArgumentException("The body is not a JSON object with a list 'value'");
        }
        for (JsonNode notification : root.path("value")) {
            if (notification instanceof ObjectNode object && !object.has("clientState")) {
                object.put("clientState", new String(states.get(0), UTF_8));
            }
        }
        return new Envelope(Map.of(), null, root.toString().getBytes(UTF_8), "application/json");
    }

    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(202);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of();
    }
}
