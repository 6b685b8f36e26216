package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stripe's webhook signatures: {@code t.body} with HMAC-SHA256, keyed with the whole text of the {@code whsec_} secret,
 * in {@code Stripe-Signature: t=…,v1=…}. The id is the event's, in the signed body.
 *
 * <p>Stripe's own libraries accept any time in the future; here the tolerance applies in both directions.
 *
 * <p>See: https://docs.stripe.com/webhooks/signature
 */
final class StripeScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class StripeFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public StripeFactory() {
            super("stripe", StripeScheme::new);
        }

        @Override
        public Set<String> requestHeaders() {
            return Set.of(SIGNATURE);
        }
    }

    private static final String SIGNATURE = "Stripe-Signature";
    private static final String TIME = "t=";
    private static final String V1 = "v1=";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final String ID = "/id";

    /** Stripe lists one signature for each secret that is being rolled; more would only cost us work. */
    private static final int PARTS_MAX = 32;

    private static final JsonFields FIELDS = new JsonFields(ID);

    private final List<HmacKey> keys;
    private final TimeWindow window;

    StripeScheme(SchemeOptions options) {
        this.keys = options.keys(HmacKey::ofText);
        this.window = new TimeWindow(options.tolerance());
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        Refusal refused = request.headers().refuseUnlessOnce(SIGNATURE);
        if (refused != null) {
            return refused;
        }
        String[] parts = request.headers().value(SIGNATURE).split(",", PARTS_MAX + 1);
        String time = time(parts);
        List<byte[]> signatures = signatures(parts);
        if (parts.length > PARTS_MAX || time == null || signatures.isEmpty()) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The header " + SIGNATURE + " is not one time and signatures, as 't=…,v1=…'.");
        }
        refused = window.refuseOutside(SIGNATURE, time, now);
        if (refused != null) {
            return refused;
        }
        byte[] prefix = signedPrefix(time);
        boolean genuine = signatures.stream()
                .anyMatch(signature -> keys.stream().anyMatch(key -> key.matches(signature, prefix, request.body())));
        if (!genuine) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + SIGNATURE + " is not the signature of this time and body: check that the secret is"
                            + " that of this endpoint and that nothing on the way changes the body.");
        }
        Map<String, String> fields = FIELDS.of(request.body());
        return MessageId.verified(fields == null ? null : fields.get(ID), "id of a Stripe event");
    }

    /** Null when there is none, or more than one. */
    private static @Nullable String time(String[] parts) {
        String time = null;
        for (String part : parts) {
            if (part.strip().startsWith(TIME)) {
                if (time != null) {
                    return null;
                }
                time = part.strip().substring(TIME.length());
            }
        }
        return time;
    }

    private static List<byte[]> signatures(String[] parts) {
        List<byte[]> signatures = new ArrayList<>();
        for (String part : parts) {
            String hex = part.strip().startsWith(V1) ? part.strip().substring(V1.length()) : "";
            if (HEX.matcher(hex).matches()) {
                signatures.add(HexFormat.of().parseHex(hex));
            }
        }
        return signatures;
    }

    /** Signs with every key, as Stripe does while a secret is being rolled. */
    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        String time = Long.toString(now.getEpochSecond());
        String signatures = keys.stream()
                .map(key -> "," + V1 + HexFormat.of().formatHex(key.sign(signedPrefix(time), body)))
                .collect(Collectors.joining());
        return Map.of(SIGNATURE, TIME + time + signatures);
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(SIGNATURE);
    }

    private static byte[] signedPrefix(String time) {
        return (time + ".").getBytes(US_ASCII);
    }
}
