package dev.serai.connector.http;

import dev.serai.text.HttpText;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * The address of an HTTP target. {@code {key}} in its path or query is replaced by the change's key.
 *
 * <p>Promise: a key is always one value at its place. It is percent-encoded whole, slashes included, and one that would be
 * read as a way up the path is refused.
 *
 * <p>Threads: safe.
 */
final class HttpSinkAddress {
    private static final String KEY = "{key}";
    private static final Pattern BEHIND_THE_HOST = Pattern.compile("https?://[^/?#{}]+(/[^?#]*)?(\\?[^#]*)?");

    private final String path;
    private final @Nullable String query;
    private final boolean hasKey;

    HttpSinkAddress(String url) {
        hasKey = url.contains(KEY);
        if (hasKey && !BEHIND_THE_HOST.matcher(url).matches()) {
            throw new IllegalArgumentException("url: {key} can only stand in the path or the query of an http or https"
                    + " address, for example https://platform.example/payments/{key}");
        }
        int mark = url.indexOf('?');
        path = mark < 0 ? url : url.substring(0, mark);
        query = mark < 0 ? null : url.substring(mark + 1);
    }

    boolean hasKey() {
        return hasKey;
    }

    /** Makes the request go to the address of this key; without {@code {key}} the endpoint's own address holds. */
    void address(Exchange exchange, @Nullable Object key) throws ValidationException {
        if (!hasKey) {
            return;
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
        // Camel's own way of giving an address with the message, which no header from outside reaches.
        Message message = exchange.getMessage();
        message.setHeader(Exchange.REST_HTTP_URI, filled);
        if (query != null && query.contains(KEY)) {
            message.setHeader(Exchange.REST_HTTP_QUERY, query.replace(KEY, value));
        }
    }
}
