package dev.serai.signature;

import java.util.Set;

/**
 * Creates the signature scheme of one name.
 *
 * <p>An implementation is listed in {@code META-INF/services/dev.serai.signature.SignatureSchemeFactory}, for schemes
 * of your own in a jar in {@code components/}. It is public and has a public constructor without parameters.
 */
public interface SignatureSchemeFactory {

    /** The scheme's name in configuration, like {@code github}. */
    String name();

    /** The request headers that the scheme reads, without {@code X-*} and {@code webhook-*}: a source passes only headers that are named. */
    default Set<String> requestHeaders() {
        return Set.of();
    }

    /** The HTTP methods that the platform uses; those that check an address may need GET or OPTIONS. */
    default Set<String> methods() {
        return Set.of("POST");
    }

    /**
     * Creates the scheme with its keys.
     *
     * @throws IllegalArgumentException if the options cannot work; its message names the option, never its value
     */
    SignatureScheme create(SchemeOptions options);
}
