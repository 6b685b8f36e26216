package dev.serai.signature.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.Acknowledgement;
import dev.serai.signature.HmacKey;
import dev.serai.signature.JsonFields;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
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
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Zoom's webhooks: {@code v0:time:body} with HMAC-SHA256 under the app's secret token. Zoom checks the address with a signed
 * event and expects its token back, signed. Events have no id, so a hash of the body is the change's.
 *
 * <p>See: https://developers.zoom.us/docs/api/webhooks
 */
final class ZoomScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class ZoomFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public ZoomFactory() {
            super("zoom", ZoomScheme::new);
        }
    }

    private static final String SIGNATURE = "x-zm-signature";
    private static final String TIMESTAMP = "x-zm-request-timestamp";
    private static final String EVENT = "/event";
    private static final String PLAIN_TOKEN = "/payload/plainToken";
    private static final JsonFields FIELDS = new JsonFields(EVENT, PLAIN_TOKEN);
    private static final Pattern TOKEN = Pattern.compile("[0-9A-Za-z_=+/-]{1,256}");

    private final HmacScheme hmac;
    private final HmacKey key;

    ZoomScheme(SchemeOptions options) {
        hmac = HmacScheme.of(SIGNATURE, "v0=", TIMESTAMP, "v0:{time}:", options);
        key = options.keys(HmacKey::ofText).get(0);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        Verdict verdict = hmac.verify(request, now);
        if (verdict instanceof Refusal) {
            return verdict;
        }
        Map<String, String> fields = FIELDS.of(request.body());
        if (fields == null || !"endpoint.url_validation".equals(fields.get(EVENT))) {
            return MessageId.verifiedByContent(request.body());
        }
        String token = fields.getOrDefault(PLAIN_TOKEN, "");
        return TOKEN.matcher(token).matches()
                ? new Asked(Acknowledgement.json(
                        200,
                        "{\"plainToken\":\"" + token + "\",\"encryptedToken\":\""
                                + HexFormat.of().formatHex(key.sign(token.getBytes(UTF_8))) + "\"}"))
                : new Refusal(RefusalReason.MALFORMED, "The plainToken is not 1 to 256 letters and digits.");
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
        return Set.of(SIGNATURE, TIMESTAMP);
    }
}
