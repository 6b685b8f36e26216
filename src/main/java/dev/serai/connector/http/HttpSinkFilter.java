package dev.serai.connector.http;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Sends all headers but Camel's own. {@link HttpSinkRequest} has chosen them already, and the usual filter, which looks at each
 * header in several ways, took a sixth of the time of a delivery.
 *
 * <p>Threads: safe.
 */
public final class HttpSinkFilter implements HeaderFilterStrategy {

    @Override
    public boolean applyFilterToCamelHeaders(String name, @Nullable Object value, Exchange exchange) {
        return name.startsWith("Camel");
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, @Nullable Object value, Exchange exchange) {
        return true;
    }
}
