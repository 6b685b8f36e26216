package dev.serai.signature.platform;

import dev.serai.signature.HeaderLookup;
import dev.serai.signature.HmacKey;
import dev.serai.signature.MessageId;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.text.HttpText;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Shopify's webhook signatures: HMAC-SHA256 of the raw body under the app's client secret, in base64. No time is
 * signed, and the id in {@code X-Shopify-Webhook-Id} is not covered by the signature, so the change's id is a hash of the body
 * and the topic.
 *
 * <p>See: https://shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
final class ShopifyScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class ShopifyFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public ShopifyFactory() {
            super("shopify", ShopifyScheme::new);
        }
    }

    private static final String SIGNATURE = "X-Shopify-Hmac-Sha256";
    private static final String ID = "X-Shopify-Webhook-Id";
    private static final String TOPIC = "X-Shopify-Topic";
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{43}=");

    private final List<HmacKey> keys;

    ShopifyScheme(SchemeOptions options) {
        this.keys = options.keys(HmacKey::ofText);
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(SIGNATURE);
        if (refused != null) {
            return refused;
        }
        String value = headers.value(SIGNATURE);
        if (!BASE64.matcher(value).matches()) {
            return new Refusal(RefusalReason.MALFORMED, "The header " + SIGNATURE + " is not the base64 of 32 bytes.");
        }
        byte[] signature = Base64.getDecoder().decode(value);
        if (keys.stream().noneMatch(key -> key.matches(signature, request.body()))) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + SIGNATURE + " is not this body's signature: check that the secret is the app's"
                            + " client secret and that nothing on the way changes the body.");
        }
        return MessageId.verifiedByBody(headers, TOPIC, request.body());
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of(
                SIGNATURE, Base64.getEncoder().encodeToString(keys.get(0).sign(body)), ID, HttpText.headerValue(id));
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE);
    }

    @Override
    public String idHeader() {
        return ID;
    }
}
