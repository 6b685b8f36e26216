package dev.serai.signature.generic;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.signature.HeaderLookup;
import dev.serai.signature.HmacKey;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.HttpText;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A secret that the sender sends along, in a header of its own or as HTTP's Basic or Bearer credentials. <b>Nothing is signed</b>:
 * whoever has seen one request can make others.
 */
final class TokenScheme implements SignatureScheme {
    private static final String AUTHORIZATION = "Authorization";
    private static final String TOKEN = "X-Token";

    /** {@code token}: the secret is the header's whole value, as GitLab sends it. */
    public static final class TokenFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public TokenFactory() {
            super("token", options -> new TokenScheme(headerOf(options), "", options));
        }

        /** Its usual one; a source names another one itself. */
        @Override
        public Set<String> requestHeaders() {
            return Set.of(TOKEN);
        }
    }

    /** {@code basic}: the secret is {@code user:password}. */
    public static final class BasicFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public BasicFactory() {
            super("basic", options -> new TokenScheme(AUTHORIZATION, "Basic ", options));
        }

        @Override
        public Set<String> requestHeaders() {
            return Set.of(AUTHORIZATION);
        }
    }

    /** {@code bearer}: the secret is the token. */
    public static final class BearerFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public BearerFactory() {
            super("bearer", options -> new TokenScheme(AUTHORIZATION, "Bearer ", options));
        }

        @Override
        public Set<String> requestHeaders() {
            return Set.of(AUTHORIZATION);
        }
    }

    private final String header;
    private final String kind;
    private final List<byte[]> values;

    private TokenScheme(String header, String kind, SchemeOptions options) {
        this.header = header;
        this.kind = kind;
        this.values = options.keys(secret -> HmacKey.listed(secret).stream()
                .map(text -> value(kind, text).getBytes(UTF_8))
                .toList());
    }

    private static String headerOf(SchemeOptions options) {
        String header = options.header();
        if (header == null || header.isBlank()) {
            return TOKEN;
        }
        if (!HttpText.isHeaderName(header)) {
            throw new IllegalArgumentException("header is not a valid name of an HTTP header");
        }
        return header;
    }

    private static String value(String kind, String secret) {
        if (!kind.equals("Basic ")) {
            return secret;
        }
        if (secret.indexOf(':') < 1) {
            throw new IllegalArgumentException("is not user:password");
        }
        return Base64.getEncoder().encodeToString(secret.getBytes(UTF_8));
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(header);
        if (refused != null) {
            return refused;
        }
        String value = headers.value(header);
        if (!value.regionMatches(true, 0, kind, 0, kind.length())) { // the kind's letter case does not matter, RFC 9110
            return new Refusal(
                    RefusalReason.MALFORMED, "The header " + header + " does not begin with " + kind.strip() + ".");
        }
        byte[] given = value.substring(kind.length()).strip().getBytes(UTF_8);
        boolean isKnown = false;
        for (byte[] known : values) {
            isKnown |= MessageDigest.isEqual(known, given);
        }
        return isKnown
                ? new Verified(null)
                : new Refusal(
                        RefusalReason.FORGED,
                        "The header " + header + " does not hold the secret: check that both sides have the same.");
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of(header, kind + new String(values.get(0), UTF_8));
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of(header);
    }
}
