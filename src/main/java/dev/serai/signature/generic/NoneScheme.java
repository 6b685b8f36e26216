package dev.serai.signature.generic;

import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Accepts every request: for senders that are authenticated elsewhere. */
final class NoneScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class NoneFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public NoneFactory() {
            super("none", NoneScheme::new);
        }
    }

    NoneScheme(SchemeOptions options) {
        if (!options.withoutSecrets()) {
            throw new IllegalArgumentException(
                    "secret is set, but the scheme 'none' checks nothing: choose a scheme, or remove the secret");
        }
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        return new Verdict.Verified(null);
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        return Map.of();
    }

    @Override
    public Set<String> signatureHeaders() {
        return Set.of();
    }
}
