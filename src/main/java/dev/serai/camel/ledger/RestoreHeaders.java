package dev.serai.camel.ledger;

import dev.serai.camel.NonBlockingStep;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Restores the change's headers after a sink has sent its request, beside those of the target's answer, for the steps
 * after the sink.
 *
 * <p>Threads: safe.
 */
public final class RestoreHeaders implements Processor, NonBlockingStep {
    private static final String CHANGE_HEADERS = "SeraiChangeHeaders";

    /** Keeps the message's headers until this step runs; the caller replaces them by those of its request. */
    public static void keep(Exchange exchange) {
        exchange.setProperty(CHANGE_HEADERS, exchange.getMessage().getHeaders());
    }

    /** What {@link #keep} has kept; empty if this step has run. */
    public static Map<String, Object> kept(Exchange exchange) {
        Map<String, Object> headers = new LinkedHashMap<>();
        copy(exchange.getProperty(CHANGE_HEADERS), headers::put);
        return headers;
    }

    private static void copy(@Nullable Object kept, BiConsumer<String, Object> to) {
        if (kept instanceof Map<?, ?> headers) {
            headers.forEach((name, value) -> to.accept(String.valueOf(name), value));
        }
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        copy(exchange.removeProperty(CHANGE_HEADERS), message::setHeader);
    }
}
