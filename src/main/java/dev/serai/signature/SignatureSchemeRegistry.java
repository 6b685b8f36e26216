package dev.serai.signature;

import dev.serai.text.NearestName;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** Finds signature schemes by name: those of Serai and those in jars on the class path. */
public final class SignatureSchemeRegistry {

    private SignatureSchemeRegistry() {}

    /**
     * Creates the named scheme with its keys.
     *
     * @throws IllegalArgumentException if there is no such scheme or an option cannot work; the message names the
     *     option, never a secret
     */
    public static SignatureScheme create(String name, SchemeOptions options) {
        return factory(name).create(options);
    }

    /** @throws IllegalArgumentException if there is no such scheme */
    public static SignatureSchemeFactory factory(String name) {
        var known = new TreeSet<String>();
        var loader = SignatureSchemeFactory.class.getClassLoader();
        for (SignatureSchemeFactory factory : ServiceLoader.load(SignatureSchemeFactory.class, loader)) {
            if (factory.name().equals(name)) {
                return factory;
            }
            known.add(factory.name());
        }
        throw new IllegalArgumentException("there is no signature scheme " + name + NearestName.hint(name, known)
                + ": there are " + String.join(", ", known));
    }
}
