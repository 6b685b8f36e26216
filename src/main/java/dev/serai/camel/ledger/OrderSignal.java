package dev.serai.camel.ledger;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;

/**
 * The word from the ledger to a source that an exchange's change has its place in the order, long before it is durable: from
 * now on the next change may follow.
 *
 * <p>Without it a source that keeps an order would have to wait for the disk after each change.
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
