package dev.serai.camel;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Puts the change's headers back after an HTTP target answered, beside the answer's status, so that the route can go on with
 * what the change is.
 *
 * <p>Threads: safe.
 */
public final class HttpSinkAnswer implements Processor {
    /** The exchange property that keeps the headers while the request is under way. */
    static final String CHANGE_HEADERS = "SeraiChangeHeaders";

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        if (exchange.removeProperty(CHANGE_HEADERS) instanceof Map<?, ?> kept) {
            kept.forEach((name, value) -> message.setHeader(String.valueOf(name), value));
        }
    }
}
