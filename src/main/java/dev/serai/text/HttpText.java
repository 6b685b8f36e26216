package dev.serai.text;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Any text as a part of an HTTP message. */
public final class HttpText {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern PLAIN = Pattern.compile("[!-$&-~]*");

    private HttpText() {}

    /**
     * The text as a header's value: its UTF-8 bytes are percent-encoded where they are not visible ASCII, and {@code %} is {@code %25}, so
     * that percent-decoding gives the text back.
     */
    public static String headerValue(String text) {
        if (PLAIN.matcher(text).matches()) {
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

    /** The text as one value in the path or the query of an address. */
    public static String urlValue(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Whether the text can name a header (RFC 9110, section 5.1). */
    public static boolean isHeaderName(String text) {
        return NAME.matcher(text).matches();
    }
}
