package dev.serai.signature;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message ready to be sent.
 *
 * @param headers to add
 * @param query for the address, encoded, or null
 * @param contentType the body's, or null to keep the present one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Envelope(
        Map<String, String> headers,
        @Nullable String query,
        byte[] body,
        @Nullable String contentType) {}
