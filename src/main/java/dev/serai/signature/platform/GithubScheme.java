package dev.serai.signature.platform;

import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.generic.HmacScheme;
import dev.serai.text.HttpText;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * GitHub's webhook signatures: HMAC-SHA256 of the raw body in {@code X-Hub-Signature-256}. The id in
 * {@code X-GitHub-Delivery} is not covered by the signature, so the change's id is a hash of the body and the event's name.
 *
 * <p>See: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
final class GithubScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class GithubFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public GithubFactory() {
            super("github", GithubScheme::new);
        }
    }

    private static final String SIGNATURE = "X-Hub-Signature-256";
    private static final String OLD_SIGNATURE = "X-Hub-Signature"; // SHA-1, also sent, never trusted
    private static final String ID = "X-GitHub-Delivery";
    private static final String EVENT = "X-GitHub-Event";

    private final HmacScheme hmac;

    GithubScheme(SchemeOptions options) {
        this.hmac = new HmacScheme(SIGNATURE, options);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        Verdict verdict = hmac.verify(request, now);
        return verdict instanceof Refusal
                ? verdict
                : MessageId.verifiedByBody(request.headers(), EVENT, request.body());
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of(SIGNATURE, hmac.sign(body, id, now).getOrDefault(SIGNATURE, ""), ID, HttpText.headerValue(id));
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE, OLD_SIGNATURE);
    }

    @Override
    public String idHeader() {
        return ID;
    }
}
