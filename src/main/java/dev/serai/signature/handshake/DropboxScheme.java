package dev.serai.signature.handshake;

import dev.serai.signature.Acknowledgement;
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
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Dropbox's notifications: HMAC-SHA256 of the raw body under the app secret. The address is checked by a GET with a challenge.
 * A body names accounts only, so two notifications may be equal, and there is no id.
 *
 * <p>See: https://www.dropbox.com/developers/reference/webhooks
 */
final class DropboxScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class DropboxFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public DropboxFactory() {
            super("dropbox", DropboxScheme::new);
        }

        @Override
        public Set<String> methods() {
            return Set.of("GET", "POST");
        }
    }

    private static final String SIGNATURE = "X-Dropbox-Signature";
    private static final Pattern CHALLENGE = Pattern.compile("[0-9A-Za-z_=+/-]{1,256}");

    private final HmacScheme hmac;

    DropboxScheme(SchemeOptions options) {
        hmac = HmacScheme.of(SIGNATURE, "", null, "", options);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        if (!request.method().equals("GET")) {
            return hmac.verify(request, now);
        }
        String challenge = QueryText.value(request.query(), "challenge");
        return challenge != null && CHALLENGE.matcher(challenge).matches()
                ? new Asked(Acknowledgement.text(challenge))
                : new Refusal(RefusalReason.MISSING, "The query has no challenge of letters and digits.");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return hmac.sign(body, id, now);
    }

    /** Dropbox sends again what is not answered 200. */
    @Override
    public Acknowledgement accepted() {
        return Acknowledgement.empty(200);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE);
    }
}
