package dev.serai.signature;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.HttpText;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * HMAC-SHA256 of the raw body in one header, as {@code sha256=<hex>}. No time is signed, so a copied request stays
 * valid; only its id stops it.
 */
public final class HmacScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class HmacFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public HmacFactory() {
            super("hmac", HmacScheme::new);
        }
    }

    private static final String PREFIX = "sha256=";
    private static final Pattern VALUE = Pattern.compile(PREFIX + "[0-9a-fA-F]{64}");

    private final String header;
    private final List<HmacKey> keys;

    public HmacScheme(SchemeOptions options) {
        this(headerOf(options.header()), options);
    }

    public HmacScheme(String header, SchemeOptions options) {
        this.header = header;
        this.keys = options.keys(HmacKey::ofText);
    }

    private static String headerOf(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return "X-Signature";
        }
        if (!HttpText.isHeaderName(header)) {
            throw new IllegalArgumentException("header is not a valid name of an HTTP header");
        }
        return header;
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(header);
        if (refused != null) {
            return refused;
        }
        String value = headers.value(header);
        if (!VALUE.matcher(value).matches()) {
            return new Refusal(
                    RefusalReason.MALFORMED, "The header " + header + " is not 'sha256=' and 64 hexadecimal digits.");
        }
        byte[] signature = HexFormat.of().parseHex(value, PREFIX.length(), value.length());
        if (keys.stream().noneMatch(key -> key.matches(signature, request.body()))) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + header + " is not this body's signature: check that both sides have the same"
                            + " secret and that nothing on the way changes the body.");
        }
        return new Verified(null);
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of(header, PREFIX + HexFormat.of().formatHex(keys.get(0).sign(body)));
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(header);
    }
}
