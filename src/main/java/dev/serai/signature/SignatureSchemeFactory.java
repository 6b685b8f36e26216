package dev.serai.signature;

import java.util.Set;

/**
 * Makes one signature scheme, found by its name.
 *
 * <p>An implementation is found by its name in {@code META-INF/services/dev.serai.signature.SignatureSchemeFactory}. Your
 * own comes in a jar in {@code components/} with such a file; the implementation is public, with a public constructor
 * without parameters.
 */
public interface SignatureSchemeFactory {

    /** The scheme's name in configuration, like {@code github}. */
    String name();

    /** The request headers that the scheme reads, without {@code X-*} and {@code webhook-*}: a source passes only headers that are named. */
    default Set<String> requestHeaders() {
        return Set.of();
    }

    /**
     * Makes the scheme.
     *
     * @throws IllegalArgumentException if the options cannot work; its message names the option, never its value
     */
    SignatureScheme create(SchemeOptions options);
}
