package dev.serai.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import org.jspecify.annotations.Nullable;

/** Reads the query of a request, or a form. */
public final class QueryText {
    private QueryText() {}

    /** The decoded value of a parameter; null if it is missing, there twice, or wrongly encoded. */
    public static @Nullable String value(@Nullable String query, String name) {
        String found = null;
        for (String part : query == null ? new String[0] : query.split("&")) {
            int equals = part.indexOf('=');
            try {
                if (equals >= 0
                        && URLDecoder.decode(part.substring(0, equals), UTF_8).equals(name)) {
                    if (found != null) {
                        return null;
                    }
                    found = URLDecoder.decode(part.substring(equals + 1), UTF_8);
                }
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        return found;
    }
}
