package dev.serai.signature;

import dev.serai.signature.Verdict.Refusal;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests to a platform's API and verifies the answers.
 *
 * <p>Threads: safe.
 */
public interface RequestAuth {

    /**
     * A request ready to be sent.
     *
     * @param headers to add
     */
    record Signed(URI address, Map<String, String> headers) {}

    /** Signs a GET. */
    Signed sign(URI address, Instant now);

    /** Verifies an answer over its raw bytes; null if the platform signed it. */
    @Nullable Refusal refuse(byte[] body, HeaderLookup headers, Instant now);
}
