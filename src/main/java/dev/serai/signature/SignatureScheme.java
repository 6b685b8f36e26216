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

    /**
     * Judges a request. Never throws, whatever the request holds.
     *
     * @param body the bytes as they came in, before anything decoded or parsed them
     */
    Verdict verify(byte[] body, HeaderLookup headers, Instant now);

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

    /** The headers that carry the proof and mean nothing once it is checked. */
    Set<String> signatureHeaders();

    /** The header in which the sender names the message, for logs; null when there is none. */
    default @Nullable String idHeader() {
        return null;
    }
}
