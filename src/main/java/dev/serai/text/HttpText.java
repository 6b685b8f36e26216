package dev.serai.text;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** Any text as a part of an HTTP message. */
public final class HttpText {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private HttpText() {}

    /**
     * The text as a header's value: its UTF-8 bytes are percent-encoded where they are not visible ASCII, and {@code %} is {@code %25}, so
     * that percent-decoding gives the text back.
     */
    public static String headerValue(String text) {
        if (isPlain(text)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder value = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            if (isPlain((char) (b & 0xff))) {
                value.append((char) b);
            } else {
                value.append(String.format("%%%02X", b & 0xff));
            }
        }
        return value.toString();
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPlain(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(char c) {
        return c > ' ' && c < 0x7f && c != '%';
    }

    /** The text as one value in the path or the query of an address. */
    public static String urlValue(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The text of a value in a query; as it is written if that is not valid. */
    public static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    /** Whether the text can name a header (RFC 9110, section 5.1). */
    public static boolean isHeaderName(String text) {
        return NAME.matcher(text).matches();
    }

    /** An address fit for logs, since queries may hold secrets. */
    public static String withoutQuery(URI uri) {
        return LogText.of(origin(uri) + (uri.getRawPath() == null ? "" : uri.getRawPath()));
    }

    /** The scheme, the host and the port if it is not the scheme's own, in lower case: equal for addresses of one server. */
    public static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int own = scheme.equals("https") ? 443 : 80;
        String port = uri.getPort() < 0 || uri.getPort() == own ? "" : ":" + uri.getPort();
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + port;
    }
}
