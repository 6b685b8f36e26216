package dev.serai.connector.http;

import dev.serai.text.HttpText;
import java.net.URI;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * The address of an HTTP target. {@code {key}} and other places in its path or query are replaced by what the change has.
 *
 * <p>Promise: the target gets path and query exactly as they are written, since a signature may cover them; only what no
 * request line may hold is percent-encoded. What takes a place is always one value there. It is percent-encoded whole, slashes
 * included, and one that would be read as a way up the path is refused.
 *
 * <p>Threads: safe.
 */
final class HttpSinkAddress {
    /** The place of the change's key. */
    static final String KEY = "key";

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
    private final Pattern places;
    private final boolean hasPlace;

    /** The parameter {@code url} of a sink, which may have the place of the key. */
    HttpSinkAddress(String url) {
        this("url", url, KEY);
    }

    /**
     * The value of any parameter.
     *
     * @param names what its places may be, each written in braces
     */
    HttpSinkAddress(String parameter, String url, String... names) {
        String written = url.strip();
        places = Pattern.compile("\\{(" + String.join("|", names) + ")}");
        Matcher place = places.matcher(written);
        hasPlace = place.find();
        if (hasPlace && !BEHIND_THE_HOST.matcher(written).matches()) {
            throw new IllegalArgumentException(parameter + ": " + place.group()
                    + " can only stand in the path or the query of an http or https"
                    + " address, for example https://platform.example/payments/" + place.group());
        }
        Matcher parts = PARTS.matcher(written);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    parameter + " must be an http or https address, for example https://platform.example/payments");
        }
        tls = parts.group(1).toLowerCase(Locale.ROOT).equals("https");
        authority = parts.group(2);
        if (authority.contains("@")) {
            throw new IllegalArgumentException(
                    parameter
                            + " must not contain a user name or password: use the parameter headers with Authorization=Basic …");
        }
        Matcher server = AUTHORITY.matcher(authority);
        port = server.matches() ? port(server.group(2), tls) : 0;
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException(parameter + ": its host or its port is not valid");
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

    private String sendable(String text, Pattern unsendable) {
        StringBuilder sendable = new StringBuilder();
        Matcher place = places.matcher(text);
        int from = 0;
        while (place.find()) {
            sendable.append(encoded(text.substring(from, place.start()), unsendable));
            sendable.append(place.group());
            from = place.end();
        }
        return sendable.append(encoded(text.substring(from), unsendable)).toString();
    }

    private static String encoded(String text, Pattern unsendable) {
        return unsendable.matcher(text).replaceAll(found -> HttpText.urlValue(found.group()));
    }

    /** Whether it names the record: it has a place. */
    boolean hasKey() {
        return hasPlace;
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

    /** Path and query up to the first place. */
    String withoutKey() {
        String target = path + query;
        Matcher place = places.matcher(target);
        return place.find() ? target.substring(0, place.start()) : target;
    }

    /** Whether it leads to the same server, over the same protocol. */
    boolean isAt(HttpSinkAddress other) {
        return other.tls == tls && other.port == port && other.host.equalsIgnoreCase(host);
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
            return isAt(other) ? other.path + other.query : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Path and query for this key; without {@code {key}} they are the same for all. */
    String target(Exchange exchange, @Nullable Object key) throws ValidationException {
        return targetWith(exchange, name -> key);
    }

    /** Path and query with these values in their places, by name. */
    String targetWith(Exchange exchange, Function<String, @Nullable Object> values) throws ValidationException {
        if (!hasPlace) {
            return path + query;
        }
        String filled = filled(path, exchange, values);
        for (String segment : filled.equals(path) ? new String[0] : filled.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new ValidationException(
                        exchange, "the value \"" + segment + "\" cannot stand in the path of an address");
            }
        }
        return filled + filled(query, exchange, values);
    }

    private String filled(String text, Exchange exchange, Function<String, @Nullable Object> values)
            throws ValidationException {
        StringBuilder filled = new StringBuilder();
        Matcher place = places.matcher(text);
        while (place.find()) {
            String name = place.group(1);
            Object value = values.apply(name);
            if (value == null || value.toString().isEmpty()) {
                throw new ValidationException(
                        exchange, "the change has no " + name + ", but the address has a {" + name + "}");
            }
            place.appendReplacement(filled, Matcher.quoteReplacement(HttpText.urlValue(value.toString())));
        }
        return place.appendTail(filled).toString();
    }
}
