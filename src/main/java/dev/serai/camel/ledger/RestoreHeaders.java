package dev.serai.camel.ledger;

import dev.serai.camel.NonBlockingStep;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

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

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        if (exchange.removeProperty(CHANGE_HEADERS) instanceof Map<?, ?> kept) {
            kept.forEach((name, value) -> message.setHeader(String.valueOf(name), value));
        }
    }
}
