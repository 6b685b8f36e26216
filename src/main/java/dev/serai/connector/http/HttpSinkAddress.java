package dev.serai.connector.http;

import dev.serai.text.HttpText;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * The address of an HTTP target. {@code {key}} in its path or query is replaced by the change's key.
 *
 * <p>Promise: the target gets path and query exactly as they are written, since a signature may cover them; only what no
 * request line may hold is percent-encoded. A key is always one value at its place. It is percent-encoded whole, slashes
 * included, and one that would be read as a way up the path is refused.
 *
 * <p>Threads: safe.
 */
final class HttpSinkAddress {
    private static final String KEY = "{key}";
    private static final Pattern BEHIND_THE_HOST = Pattern.compile("(?i)https?://[^/?#{}]+(/[^?#]*)?(\\?[^#]*)?");
    private static final Pattern PARTS = Pattern.compile("(?i)(https?)://([^/?#]+)([^#]*)(?:#.*)?");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

    /** What RFC 3986 allows nowhere, and a percent sign that begins no encoding. */
    private static final Pattern UNSENDABLE = Pattern.compile("[^!#-;=?-\\[\\]_a-z~]|%(?![0-9A-Fa-f]{2})");

    /**
     * The same for a query, in which browsers and other clients send more as it is written (WHATWG URL, query state), so that a
     * signature may cover it.
     */
    private static final Pattern UNSENDABLE_IN_QUERY = Pattern.compile("[^!$-;=?-~]|%(?![0-9A-Fa-f]{2})");

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int PORT_MAX = 65_535;

    private final boolean tls;
    private final String authority;
    private final String host;
    private final int port;
    private final String path;
    private final String query;
    private final boolean hasKey;

    HttpSinkAddress(String url) {
        String written = url.strip();
        hasKey = written.contains(KEY);
        if (hasKey && !BEHIND_THE_HOST.matcher(written).matches()) {
            throw new IllegalArgumentException("url: {key} can only stand in the path or the query of an http or https"
                    + " address, for example https://platform.example/payments/{key}");
        }
        Matcher parts = PARTS.matcher(written);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "url must be an http or https address, for example https://platform.example/payments");
        }
        tls = parts.group(1).toLowerCase(Locale.ROOT).equals("https");
        authority = parts.group(2);
        if (authority.contains("@")) {
            throw new IllegalArgumentException(
                    "url must not contain a user name or password: use the parameter headers with Authorization=Basic …");
        }
        Matcher server = AUTHORITY.matcher(authority);
        port = server.matches() ? port(server.group(2), tls) : 0;
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("url: its host or its port is not valid");
        }
        host = server.group(1).replaceAll("[\\[\\]]", "");
        String target = parts.group(3);
        int mark = target.indexOf('?');
        String writtenPath = mark < 0 ? target : target.substring(0, mark);
        path = sendable(writtenPath.isEmpty() ? "/" : writtenPath, UNSENDABLE);
        query = mark < 0 ? "" : sendable(target.substring(mark), UNSENDABLE_IN_QUERY);
    }

    private static int port(@Nullable String written, boolean tls) {
        return written == null ? (tls ? HTTPS_PORT : HTTP_PORT) : Integer.parseInt(written);
    }

    private static String sendable(String text, Pattern unsendable) {
        String[] parts = text.split(Pattern.quote(KEY), -1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = unsendable.matcher(parts[i]).replaceAll(found -> HttpText.urlValue(found.group()));
        }
        return String.join(KEY, parts);
    }

    boolean hasKey() {
        return hasKey;
    }

    boolean isTls() {
        return tls;
    }

    /** Host and port as they are written, for the header Host. */
    String authority() {
        return authority;
    }

    /** A name or an IP address, without the brackets of IPv6. */
    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /** The whole address for this target, for messages. */
    String url(String target) {
        return (tls ? "https://" : "http://") + authority + target;
    }

    /** Path and query up to the key. */
    String withoutKey() {
        String target = path + query;
        int key = target.indexOf(KEY);
        return key < 0 ? target : target.substring(0, key);
    }

    /**
     * Path and query that a redirect names; null if it leads to another server.
     *
     * @param from path and query of the request
     */
    @Nullable String redirected(String from, String location) {
        try {
            String base = UNSENDABLE.matcher(url(from)).replaceAll(found -> HttpText.urlValue(found.group()));
            URI to = URI.create(base).resolve(location);
            HttpSinkAddress other = new HttpSinkAddress(to.toString());
            boolean isHere = other.tls == tls && other.port == port && other.host.equalsIgnoreCase(host);
            return isHere ? other.path + other.query : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Path and query for this key; without {@code {key}} they are the same for all. */
    String target(Exchange exchange, @Nullable Object key) throws ValidationException {
        if (!hasKey) {
            return path + query;
        }
        if (key == null || key.toString().isEmpty()) {
            throw new ValidationException(exchange, "the change has no key, but the address has a {key}");
        }
        String value = HttpText.urlValue(key.toString());
        String filled = path.replace(KEY, value);
        for (String segment : path.contains(KEY) ? filled.split("/", -1) : new String[0]) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new ValidationException(
                        exchange, "the key \"" + value + "\" cannot stand in the path of an address");
            }
        }
        return filled + query.replace(KEY, value);
    }
}
