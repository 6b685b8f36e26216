package dev.serai.connector.http.pull;

import dev.serai.connector.pull.PullException;
import dev.serai.text.LogText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the items that a pull asks for one by one: a Camel endpoint returns texts or numbers, or rows with one column.
 *
 * <p>Threads: safe.
 */
final class HttpPullItems {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPullItems.class);

    /** An item goes into an address, perhaps into a JSON text there, and must not get out of its place in it. */
    private static final Pattern PLAIN = Pattern.compile("(?!\\.\\.?$)[^\"\\\\\\p{Cntrl}]{1,256}");

    private final String endpoint;

    /** @param endpoint the endpoint's URI */
    HttpPullItems(String endpoint) {
        this.endpoint = endpoint;
    }

    /** The place of each item; see {@link #list}. */
    List<HttpPullPlace> places(CamelContext context, Function<String, HttpPullPlace> place) throws PullException {
        return list(context).stream().map(place).toList();
    }

    /** Asks the endpoint; each item comes once, in the order of the list. */
    List<String> list(CamelContext context) throws PullException {
        Exchange answer;
        try (ProducerTemplate template = context.createProducerTemplate()) {
            answer = template.request(endpoint, empty -> {});
        } catch (Exception e) {
            throw new PullException("items cannot be listed: " + LogText.of(e.getMessage()));
        }
        Exception failure = answer.getException();
        if (failure != null) {
            throw new PullException("items cannot be listed: " + LogText.of(failure.getMessage()));
        }
        Set<String> items = new LinkedHashSet<>();
        List<String> refused = new ArrayList<>();
        for (Object one : elements(answer.getMessage().getBody())) {
            String item = text(one);
            (PLAIN.matcher(item).matches() ? items : refused).add(item);
        }
        if (!refused.isEmpty()) {
            LOG.warn(
                    "{} items cannot be asked for, the first is {}: one may have 256 characters, none of them a control"
                            + " character, a double quote or a backslash",
                    refused.size(),
                    LogText.of(refused.get(0)));
        }
        return List.copyOf(items);
    }

    private static Collection<?> elements(@Nullable Object found) throws PullException {
        if (found == null) {
            return List.of();
        }
        if (found instanceof Collection<?> several) {
            return several;
        }
        throw new PullException("items is not a list: the endpoint answers with a "
                + found.getClass().getSimpleName());
    }

    private static String text(@Nullable Object element) throws PullException {
        Object value = element;
        if (element instanceof Map<?, ?> row) {
            if (row.size() != 1) {
                throw new PullException("items has rows of " + row.size() + " columns: ask for one");
            }
            value = row.values().iterator().next();
        }
        return value == null ? "" : value.toString().strip();
    }
}
