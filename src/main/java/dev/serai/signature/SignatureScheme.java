package dev.serai.signature;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One way of proving that a request comes from who it claims and was not changed, with its keys.
 *
 * <p>Threads: safe; one instance serves all requests.
 */
public interface SignatureScheme {

    /** Judges a request. Never throws, whatever the request holds. */
    Verdict verify(SignedRequest request, Instant now);

    /** Judges a POST without a query. */
    default Verdict verify(byte[] body, HeaderLookup headers, Instant now) {
        return verify(SignedRequest.post(body, headers), now);
    }

    /**
     * The headers to add to a request so that its receiver can verify it.
     *
     * @param body the bytes as they will be sent
     * @param id identifies the message to its receiver, the same for every attempt
     * @throws IllegalArgumentException if the configured keys can only verify
     * @throws UnsupportedOperationException if the scheme only verifies
     */
    default Map<String, String> sign(byte[] body, String id, Instant now) {
        throw new UnsupportedOperationException("This signature scheme verifies only; choose another one to sign.");
    }

    /**
     * The message to send so that its receiver can verify it; for schemes that do more to it than add headers. Throws as
     * {@link #sign} does.
     */
    default Envelope seal(byte[] body, String id, Instant now) {
        return new Envelope(sign(body, id, now), null, body, null);
    }

    /** The answer that tells the sender that its change is taken; null for the ledger's receipt. */
    default @Nullable Acknowledgement accepted() {
        return null;
    }

    /**
     * The answer to a request that was refused or failed; null for a problem (RFC 9457).
     *
     * @param status 4xx or 5xx
     * @param detail fit for the sender's eyes
     */
    default @Nullable Acknowledgement failed(int status, String detail) {
        return null;
    }

    /** The headers that carry the proof and mean nothing once it is checked. */
    Set<String> signatureHeaders();

    /** The header in which the sender names the message, for logs; null when there is none. */
    default @Nullable String idHeader() {
        return null;
    }
}
