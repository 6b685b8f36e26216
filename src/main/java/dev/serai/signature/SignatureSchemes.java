package dev.serai.signature;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.function.Function;

/** Finds signature schemes by name: Serai's own, then those that jars on the class path add. */
public final class SignatureSchemes {

    private static final Map<String, Function<SchemeOptions, SignatureScheme>> OWN = Map.ofEntries(
            Map.entry("github", GithubScheme::new),
            Map.entry("hmac", HmacScheme::new),
            Map.entry("none", NoneScheme::new),
            Map.entry("standard-webhooks", StandardWebhooksScheme::new),
            Map.entry("wechatpay", WeChatPayScheme::new));

    private SignatureSchemes() {}

    /**
     * Makes the named scheme with its keys.
     *
     * @throws IllegalArgumentException if there is no such scheme or an option cannot work; the message names the
     *     option, never a secret
     */
    public static SignatureScheme create(String name, SchemeOptions options) {
        var own = OWN.get(name);
        return own == null ? createAdded(name, options) : own.apply(options);
    }

    private static SignatureScheme createAdded(String name, SchemeOptions options) {
        var known = new TreeSet<>(OWN.keySet());
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
