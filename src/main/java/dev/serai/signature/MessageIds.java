package dev.serai.signature;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Message ids as they travel in HTTP headers, which carry visible ASCII only. */
final class MessageIds {

    private static final Pattern VISIBLE_ASCII = Pattern.compile("[\\x21-\\x7e]+");

    private MessageIds() {}

    static boolean isHeaderSafe(String id) {
        return VISIBLE_ASCII.matcher(id).matches();
    }

    /**
     * The id itself when a header can carry it; otherwise its UTF-8 bytes percent-encoded where needed, so that the
     * same id always gives the same header.
     */
    static String headerSafe(String id) {
        if (isHeaderSafe(id)) {
            return id;
        }
        var safe = new StringBuilder();
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            if (b > 0x20 && b < 0x7f && b != '%') {
                safe.append((char) b);
            } else {
                safe.append(String.format("%%%02X", b & 0xff));
            }
        }
        return safe.toString();
    }
}
