package dev.serai.signature;

import java.util.ServiceLoader;
import java.util.TreeSet;

/** Finds signature schemes by name: Serai's own and those that jars on the class path add. */
public final class SignatureSchemeRegistry {

    private SignatureSchemeRegistry() {}

    /**
     * Makes the named scheme with its keys.
     *
     * @throws IllegalArgumentException if there is no such scheme or an option cannot work; the message names the
     *     option, never a secret
     */
    public static SignatureScheme create(String name, SchemeOptions options) {
        var known = new TreeSet<String>();
        var loader = SignatureSchemeFactory.class.getClassLoader();
        for (SignatureSchemeFactory factory : ServiceLoader.load(SignatureSchemeFactory.class, loader)) {
            if (factory.name().equals(name)) {
                return factory.create(options);
            }
            known.add(factory.name());
        }
        throw new IllegalArgumentException("There is no signature scheme '" + name + "', only " + known);
    }
}
