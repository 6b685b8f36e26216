package dev.serai.signature;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies, with its keys, who sent a request and that it was not changed.
 *
 * <p>Threads: safe; one instance serves all requests.
 */
public interface SignatureScheme {

    /** Verifies a request. Does not throw, even for malformed requests. */
    Verdict verify(SignedRequest request, Instant now);

    /** Verifies a POST without a query. */
    default Verdict verify(byte[] body, HeaderLookup headers, Instant now) {
        return verify(SignedRequest.post(body, headers), now);
    }

    /**
     * The headers to add to a request so that its receiver can verify it.
     *
     * @param body the bytes that will be sent
     * @param id identifies the message to its receiver, the same for every attempt
     * @throws IllegalArgumentException if the configured keys can only verify
     * @throws UnsupportedOperationException if the scheme only verifies
     */
    default Map<String, String> sign(byte[] body, String id, Instant now) {
        throw new UnsupportedOperationException("This signature scheme verifies only; choose another one to sign.");
    }

    /**
     * The message to send so that its receiver can verify it; for schemes that do more than add headers. Throws like
     * {@link #sign}.
     */
    default Envelope seal(byte[] body, String id, Instant now) {
        return new Envelope(sign(body, id, now), null, body, null);
    }

    /** The answer after the change was accepted; null for the ledger's receipt. */
    default @Nullable Acknowledgement accepted() {
        return null;
    }

    /**
     * The answer to a request that was refused or failed; null for a problem (RFC 9457).
     *
     * @param status 4xx or 5xx
     * @param detail shown to the sender
     */
    default @Nullable Acknowledgement failed(int status, String detail) {
        return null;
    }

    /** The headers with the signature; they are removed after it was verified. */
    Set<String> signatureHeaders();

    /** The header with the message's id, for logs; null if there is none. */
    default @Nullable String idHeader() {
        return null;
    }
}
