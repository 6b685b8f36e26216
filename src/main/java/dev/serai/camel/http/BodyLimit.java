package dev.serai.camel.http;

import org.apache.camel.CamelContext;

/**
 * The largest body that a source accepts, in bytes, from the property {@code serai.limits.bodyBytes}.
 *
 * <p>Threads: safe.
 */
public final class BodyLimit {
    /** The property's name. */
    static final String PROPERTY = "serai.limits.bodyBytes";

    public static final int BYTES_MAX_DEFAULT = 1 << 20;

    private BodyLimit() {}

    /** Throws {@link IllegalArgumentException} if the property is not a number of bytes. */
    public static int bytesMax(CamelContext context) {
        String limit =
                context.getPropertiesComponent().resolveProperty(PROPERTY).orElse(Integer.toString(BYTES_MAX_DEFAULT));
        try {
            int bytes = Integer.parseInt(limit.strip());
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException e) {
            // Reported below, in words.
        }
        throw new IllegalArgumentException(PROPERTY + " must be a number of bytes from 1 to 2147483647, not " + limit);
    }
}
