package dev.serai.text;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Any text as the value of an HTTP header. */
public final class HeaderText {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private HeaderText() {}

    /**
     * The text with its UTF-8 bytes percent-encoded where they are no visible ASCII, and with {@code %} as {@code %25}, so
     * that percent-decoding gives it back.
     */
    public static String of(String text) {
        if (isPlain(text)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder value = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            if (b > ' ' && b < 0x7f && b != '%') {
                value.append((char) b);
            } else {
                value.append(String.format("%%%02X", b & 0xff));
            }
        }
        return value.toString();
    }

    /** Whether it can name a header (RFC 9110, 5.1). */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '%') {
                return false;
            }
        }
        return true;
    }
}
