package dev.serai.connector.http.pull;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.egress.Egress;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request of a pull: its address, and its body if it has one, with placeholders. In the address their values are
 * percent-encoded, in the body written as its content type needs it.
 *
 * <p>Threads: safe.
 */
final class HttpPullTemplate {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(cursor|page|offset|from|to|now|item)}");

    /** Characters that an address must encode, and a JSON text in a query has. */
    private static final Pattern NOT_PLAIN = Pattern.compile("\\{(?:cursor|page|offset|from|to|now|item)}|[{}\"| ]");

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final String address;
    private final URI own;
    private final @Nullable String body;
    private final UnaryOperator<String> escape;
    private final Set<String> allowedHosts;
    private final Set<String> placeholders = new HashSet<>();

    /**
     * @param url an http or https address
     * @param options with the body, and the other hosts that a next page may be on
     */
    HttpPullTemplate(String url, HttpPullRequestOptions options) {
        this.address = NOT_PLAIN
                .matcher(url.strip())
                .replaceAll(found -> found.group().length() > 1 ? found.group() : HttpText.urlValue(found.group()));
        this.own = uri(Map.of());
        if (own.getHost() == null
                || own.getScheme() == null
                || !own.getScheme().toLowerCase(Locale.ROOT).matches("https?")) {
            throw new IllegalArgumentException("url must be an http or https address: " + HttpText.withoutQuery(own));
        }
        if (own.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "url must not contain a user name or password: set username and password");
        }
        this.body = options.body();
        this.escape = options.isForm() ? HttpText::urlValue : HttpPullTemplate::json;
        this.allowedHosts = options.hosts();
        Matcher found = PLACEHOLDER.matcher(address + (body == null ? "" : body));
        while (found.find()) {
            placeholders.add(found.group(1));
        }
    }

    private static String json(String value) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(value));
    }

    private URI uri(Map<String, String> values) {
        return URI.create(filled(address, values, HttpText::urlValue));
    }

    private static String filled(String template, Map<String, String> values, UnaryOperator<String> escape) {
        return PLACEHOLDER.matcher(template).replaceAll(found -> {
            String value = values.getOrDefault(found.group(1), "");
            return Matcher.quoteReplacement(escape.apply(value));
        });
    }

    /** Whether the address or the body has this placeholder, which is named without its braces. */
    boolean has(String placeholder) {
        return placeholders.contains(placeholder);
    }

    /** Whether a page has a number or an offset. */
    boolean isNumbered() {
        return has("page") || has("offset");
    }

    /** Whether a request there is one to the server of the address. */
    boolean isOwn(URI uri) {
        return HttpText.origin(uri).equals(HttpText.origin(own));
    }

    /** The servers that are known from the route: that of the address, and others that it names by their addresses. */
    Set<String> writtenServers() {
        Set<String> servers = Egress.addressed(allowedHosts);
        int port =
                own.getPort() > 0 ? own.getPort() : own.getScheme().equalsIgnoreCase("https") ? HTTPS_PORT : HTTP_PORT;
        servers.add(Egress.server(own.getHost(), port));
        return servers;
    }

    /** The request with these values. */
    HttpPullPlace place(HttpPullValues values, int number, int pass) {
        Map<String, String> texts = values.texts();
        return new HttpPullPlace(uri(texts), body == null ? null : filled(body, texts, escape), values, number, pass);
    }

    /**
     * The page that an answer names.
     *
     * @param next an absolute address; else a token for {@code {page}} if there is one; else a relative address
     * @param isAddress whether it cannot be a token
     * @throws IllegalArgumentException if it is not an address, or of a server that is not allowed: an answer must not
     *     decide which server this process talks to
     */
    HttpPullPlace next(JsonNode next, boolean isAddress, HttpPullPlace place, HttpPullValues values) {
        String text = next.asText();
        boolean absolute =
                text.regionMatches(true, 0, "http://", 0, 7) || text.regionMatches(true, 0, "https://", 0, 8);
        if (has("page") && !absolute && !isAddress) {
            return place(values.withPage(text), place.number() + 1, place.pass());
        }
        // java.net.URI would resolve a query alone as RFC 2396 did, without the last part of the path.
        URI from = place.at();
        URI uri = text.startsWith("?")
                ? URI.create(HttpText.origin(from) + from.getRawPath() + text)
                : from.resolve(URI.create(text));
        if (!isOwn(uri) && !isAllowed(uri)) {
            throw new IllegalArgumentException("the next page is on another server, " + LogText.of(HttpText.origin(uri))
                    + ": if that is right, name its host in allowHosts");
        }
        return new HttpPullPlace(uri, place.body(), values, place.number() + 1, place.pass());
    }

    private boolean isAllowed(URI uri) {
        boolean downgraded = "https".equalsIgnoreCase(own.getScheme()) && !"https".equalsIgnoreCase(uri.getScheme());
        return uri.getHost() != null
                && uri.getRawUserInfo() == null
                && !downgraded
                && allowedHosts.contains(HttpPullRequestOptions.host(uri));
    }
}
