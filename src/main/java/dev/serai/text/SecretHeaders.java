package dev.serai.text;

import java.util.Collection;
import java.util.regex.Pattern;

/** Which headers carry a secret, as far as their names tell. */
public final class SecretHeaders {
    private static final Pattern NAME = Pattern.compile(
            "(?i).*(authorization|cookie|token|secret|passw|credential|(api|access|auth|private)-?key).*");

    private SecretHeaders() {}

    public static boolean includes(String name) {
        return NAME.matcher(name).matches();
    }

    /** The text with *** in place of each of these secrets. */
    public static String masked(String text, Collection<String> secrets) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, "***");
        }
        return masked;
    }
}
