package dev.serai.camel.ledger;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;

/**
 * Tells a source that its change has its place in the order, so the next one may follow although this one is not
 * durable yet.
 *
 * <p>Without it an ordered source would have to wait for the disk after each change.
 */
public final class OrderSignal {
    private static final String PROPERTY = "SeraiEntered";

    private OrderSignal() {}

    /** Asks to be told, once or more often, on any thread. */
    public static void listen(Exchange exchange, Runnable listener) {
        exchange.setProperty(PROPERTY, listener);
    }

    /** Tells whoever asked. The parts of a split message are not the message, so they tell nobody. */
    static void tell(Exchange exchange) {
        boolean part = exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX) != null
                || exchange.getProperty(ExchangePropertyKey.MULTICAST_INDEX) != null;
        if (!part && exchange.getProperty(PROPERTY) instanceof Runnable listener) {
            listener.run();
        }
    }
}
