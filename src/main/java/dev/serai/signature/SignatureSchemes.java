package dev.serai.signature;

import java.util.ServiceLoader;
import java.util.TreeSet;

/** Finds signature schemes by name: Serai's own, then those that jars on the class path add. */
public final class SignatureSchemes {

    private SignatureSchemes() {}

    /**
     * Makes the named scheme with its keys.
     *
     * @throws IllegalArgumentException if there is no such scheme or an option cannot work; the message names the
     *     option, never a secret
     */
    public static SignatureScheme create(String name, SchemeOptions options) {
        return switch (name) {
            case "none" -> new NoneScheme(options);
            case "hmac" -> new HmacScheme(options);
            case "github" -> new GithubScheme(options);
            case "standard-webhooks" -> new StandardWebhooksScheme(options);
            default -> createAdded(name, options);
        };
    }

    private static SignatureScheme createAdded(String name, SchemeOptions options) {
        var known = new TreeSet<String>();
        known.add("none");
        known.add("hmac");
        known.add("github");
        known.add("standard-webhooks");
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
