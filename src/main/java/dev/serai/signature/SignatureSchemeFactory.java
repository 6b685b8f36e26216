package dev.serai.signature;

/**
 * Makes a scheme that Serai does not bring itself.
 *
 * <p>To add one, put a jar into {@code components/} with an implementation (public, with a public constructor without
 * parameters) and its name in {@code META-INF/services/dev.serai.signature.SignatureSchemeFactory}.
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
