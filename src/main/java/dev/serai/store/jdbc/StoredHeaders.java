package dev.serai.store.jdbc;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Headers as stored: one {@code name: value} per line. A backslash escapes line ends, itself, and colons in names. */
public final class StoredHeaders {

    private StoredHeaders() {}

    public static @Nullable String write(Map<String, String> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        headers.forEach((name, value) -> {
            escape(name, true, text);
            text.append(": ");
            escape(value, false, text);
            text.append('\n');
        });
        return text.toString();
    }

    static Map<String, String> read(@Nullable String text) {
        if (text == null) {
            return Map.of();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            int colon = unescapedColon(line);
            if (colon >= 0) {
                headers.put(unescape(line.substring(0, colon)), unescape(line.substring(colon + 2)));
            }
        }
        return Collections.unmodifiableMap(headers);
    }

    private static void escape(String text, boolean name, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\r' -> out.append("\\r");
                case '\n' -> out.append("\\n");
                case ':' -> out.append(name ? "\\:" : ":");
                default -> out.append(c);
            }
        }
    }

    private static int unescapedColon(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) == '\\') {
                i++;
            } else if (line.charAt(i) == ':') {
                return i;
            }
        }
        return -1;
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                char escaped = text.charAt(++i);
                out.append(escaped == 'r' ? '\r' : escaped == 'n' ? '\n' : escaped);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
