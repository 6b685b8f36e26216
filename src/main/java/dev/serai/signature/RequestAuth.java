package dev.serai.signature;

import dev.serai.signature.Verdict.Refusal;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a platform wants to be asked: it signs requests to the platform's API and checks the answers.
 *
 * <p>Threads: safe.
 */
public interface RequestAuth {

    /**
     * A request as it is to be sent.
     *
     * @param headers to add
     */
    record Signed(URI address, Map<String, String> headers) {}

    /** Signs a GET. */
    Signed sign(URI address, Instant now);

    /** Judges the answer to it, over its raw bytes; null if it is the platform's. */
    @Nullable Refusal refuse(byte[] body, HeaderLookup headers, Instant now);
}
