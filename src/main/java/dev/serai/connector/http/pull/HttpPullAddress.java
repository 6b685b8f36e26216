package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a pull: {@code {cursor}}, {@code {page}} and {@code {item}} are filled in, percent-encoded.
 *
 * <p>Threads: safe.
 */
final class HttpPullAddress {
    private static final String CURSOR = "{cursor}";
    private static final String PAGE = "{page}";
    private static final String ITEM = "{item}";

    /** Characters that an address must encode, and a JSON text in a query has. */
    private static final Pattern NOT_PLAIN = Pattern.compile("\\{(?:cursor|page|item)}|[{}\"| ]");

    private final String template;

    HttpPullAddress(String template) {
        this.template = NOT_PLAIN
                .matcher(template.strip())
                .replaceAll(found -> found.group().length() > 1 ? found.group() : HttpText.urlValue(found.group()));
        URI uri = fill("", "");
        if (uri.getHost() == null || uri.getScheme() == null || !uri.getScheme().startsWith("http")) {
            throw new IllegalArgumentException("url must be an http or https address: " + HttpText.withoutQuery(uri));
        }
    }

    boolean hasPage() {
        return template.contains(PAGE);
    }

    boolean hasCursor() {
        return template.contains(CURSOR);
    }

    boolean hasItem() {
        return template.contains(ITEM);
    }

    /** The address of one item. */
    URI fill(String item) {
        return URI.create(template.replace(ITEM, HttpText.urlValue(item)));
    }

    URI fill(@Nullable String cursor, String page) {
        return URI.create(template.replace(ITEM, "")
                .replace(CURSOR, HttpText.urlValue(cursor == null ? "" : cursor))
                .replace(PAGE, HttpText.urlValue(page)));
    }

    /**
     * The page that an answer names.
     *
     * @param next an absolute address; else a token for {@code {page}} if the address has one; else a relative address
     * @param from the address of the page that was answered
     * @throws IllegalArgumentException if it is not an address, or of another server: an answer must not decide which
     *     server this process talks to and sends its token
     */
    URI next(JsonNode next, URI from, @Nullable String cursor) {
        String text = next.asText();
        boolean absolute =
                text.regionMatches(true, 0, "http://", 0, 7) || text.regionMatches(true, 0, "https://", 0, 8);
        if (hasPage() && !absolute) {
            return fill(cursor, text);
        }
        // java.net.URI would resolve a query alone as RFC 2396 did, without the last part of the path.
        URI uri = text.startsWith("?")
                ? URI.create(HttpText.origin(from) + from.getRawPath() + text)
                : from.resolve(URI.create(text));
        if (!HttpText.origin(uri).equals(HttpText.origin(from))) {
            throw new IllegalArgumentException(
                    "the next page is on another server, " + LogText.of(HttpText.origin(uri)));
        }
        return uri;
    }
}
