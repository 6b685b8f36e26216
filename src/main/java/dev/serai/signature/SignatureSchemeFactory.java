package dev.serai.signature;

/**
 * Makes the signature scheme of one name.
 *
 * <p>An implementation is found by its name in {@code META-INF/services/dev.serai.signature.SignatureSchemeFactory}. Your
 * own comes in a jar in {@code components/} with such a file; the implementation is public, with a public constructor
 * without parameters.
 */
public interface SignatureSchemeFactory {

    /** The scheme's name in configuration, like {@code github}. */
    String name();

    /**
     * Makes the scheme.
     *
     * @throws IllegalArgumentException if the options cannot work; its message names the option, never its value
     */
    SignatureScheme create(SchemeOptions options);
}
