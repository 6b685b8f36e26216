package dev.serai.signature;

import org.jspecify.annotations.Nullable;

/**
 * An HTTP request whose sender has to be proven.
 *
 * @param method in capitals
 * @param query what stands behind the {@code ?}, undecoded, or null
 * @param body the bytes as they came in, before anything decoded or parsed them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SignedRequest(String method, @Nullable String query, HeaderLookup headers, byte[] body) {

    /** A POST without a query. */
    public static SignedRequest post(byte[] body, HeaderLookup headers) {
        return new SignedRequest("POST", null, headers, body);
    }
}
