package dev.serai.camel;

import java.util.concurrent.Executor;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** Says on which event loop the route of an exchange runs, so that steps that wait continue there. */
public final class EventLoopRoute {
    private static final String PROPERTY = "SeraiEventLoop";

    private EventLoopRoute() {}

    /** The exchange's route never blocks, and runs on this event loop. */
    public static void runsOn(Exchange exchange, Executor loop) {
        exchange.setProperty(PROPERTY, loop);
    }

    /** Null if the exchange's route runs on threads. */
    public static @Nullable Executor of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Executor.class);
    }
}
