package dev.serai.signature;

import java.util.ServiceLoader;
import java.util.TreeSet;

/** Finds a {@link RequestAuth} by name. */
public final class RequestAuthRegistry {

    private RequestAuthRegistry() {}

    /**
     * Creates the named one with its keys.
     *
     * @throws IllegalArgumentException if there is none of this name or an option cannot work; the message names the
     *     option, never a secret
     */
    public static RequestAuth create(String name, SchemeOptions options) {
        var known = new TreeSet<String>();
        var loader = RequestAuthFactory.class.getClassLoader();
        for (RequestAuthFactory factory : ServiceLoader.load(RequestAuthFactory.class, loader)) {
            if (factory.name().equals(name)) {
                return factory.create(options);
            }
            known.add(factory.name());
        }
        throw new IllegalArgumentException("there is no auth '" + name + "': use none, " + String.join(", ", known));
    }
}
