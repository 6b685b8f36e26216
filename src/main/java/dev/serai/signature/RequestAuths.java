package dev.serai.signature;

import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/** Finds the ways to sign requests to a platform's API, by name. */
public final class RequestAuths {

    private static final Map<String, Function<SchemeOptions, RequestAuth>> ALL =
            Map.ofEntries(Map.entry("wechatpay", WeChatPayAuth::new));

    private RequestAuths() {}

    /**
     * Makes the named one with its keys.
     *
     * @throws IllegalArgumentException if there is none of this name or an option cannot work; the message names the
     *     option, never a secret
     */
    public static RequestAuth create(String name, SchemeOptions options) {
        Function<SchemeOptions, RequestAuth> found = ALL.get(name);
        if (found == null) {
            throw new IllegalArgumentException("auth is '" + name + "', but there is only none, "
                    + String.join(", ", new TreeSet<>(ALL.keySet())));
        }
        return found.apply(options);
    }
}
