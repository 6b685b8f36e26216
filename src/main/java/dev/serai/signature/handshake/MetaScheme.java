package dev.serai.signature.handshake;

import dev.serai.signature.Acknowledgement;
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
import dev.serai.signature.generic.HmacScheme;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Webhooks of Meta (Facebook, Instagram, WhatsApp): HMAC-SHA256 of the raw body under the app secret. The address is checked by
 * a GET with the verify token and a challenge. Events have no id, so a hash of the body is the change's.
 *
 * <p>See: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
final class MetaScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class MetaFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public MetaFactory() {
            super("meta", MetaScheme::new);
        }

        @Override
        public Set<String> methods() {
            return Set.of("GET", "POST");
        }
    }

    private static final String SIGNATURE = "X-Hub-Signature-256";
    private static final String OLD_SIGNATURE = "X-Hub-Signature"; // SHA-1, also sent, never trusted
    private static final Pattern CHALLENGE = Pattern.compile("[0-9A-Za-z_-]{1,128}");

    private final HmacScheme hmac;
    private final List<String> tokens;

    MetaScheme(SchemeOptions options) {
        hmac = new HmacScheme(SIGNATURE, options);
        tokens = options.several("verificationToken");
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        if (request.method().equals("GET")) {
            return answer(request.query());
        }
        Verdict verdict = hmac.verify(request, now);
        return verdict instanceof Refusal ? verdict : MessageId.verifiedByContent(request.body());
    }

    private Verdict answer(@Nullable String query) {
        String challenge = QueryText.value(query, "hub.challenge");
        String token = QueryText.value(query, "hub.verify_token");
        if (!"subscribe".equals(QueryText.value(query, "hub.mode")) || challenge == null || token == null) {
            return new Refusal(RefusalReason.MISSING, "The query is not Meta's check of an address.");
        }
        byte[] given = token.getBytes(StandardCharsets.UTF_8);
        boolean isKnown = false;
        for (String known : tokens) {
            isKnown |= MessageDigest.isEqual(known.getBytes(StandardCharsets.UTF_8), given);
        }
        if (!isKnown) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The query's hub.verify_token is wrong: set verificationToken to the Verify Token in the app's settings.");
        }
        return CHALLENGE.matcher(challenge).matches()
                ? new Asked(Acknowledgement.text(challenge))
                : new Refusal(RefusalReason.MALFORMED, "The challenge is not 1 to 128 letters and digits.");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return hmac.sign(body, id, now);
    }

    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(200);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE, OLD_SIGNATURE);
    }
}
