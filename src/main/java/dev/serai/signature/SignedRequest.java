package dev.serai.signature;

import org.jspecify.annotations.Nullable;

/**
 * An HTTP request to verify.
 *
 * @param method in capitals
 * @param query what follows the {@code ?}, not decoded, or null
 * @param body the raw bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SignedRequest(String method, @Nullable String query, HeaderLookup headers, byte[] body) {

    /** A POST without a query. */
    public static SignedRequest post(byte[] body, HeaderLookup headers) {
        return new SignedRequest("POST", null, headers, body);
    }
}
