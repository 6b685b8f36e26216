package dev.serai.camel.http;

import dev.serai.text.LogText;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;
import org.apache.camel.Processor;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;

/**
 * Notes which step of a route failed, since Camel forgets it when the step is over. Routes with an {@code errorHandler} of their own
 * are left as they are.
 *
 * <p>Threads: safe.
 */
public final class FailedStep implements Processor {
    private static final String PROPERTY = "SeraiFailedStep";

    private FailedStep() {}

    /** Lets the error handler note it. */
    public static void noteIn(DefaultErrorHandlerDefinition handler) {
        handler.setOnExceptionOccurredProcessor(new FailedStep());
    }

    /** The step, its file and its line; empty if they are not known. */
    static String of(Exchange exchange) {
        Object step = exchange.getProperty(PROPERTY);
        return step == null ? "" : step.toString();
    }

    @Override
    public void process(Exchange exchange) {
        ExchangeExtension history = exchange.getExchangeExtension();
        String step = history.getHistoryNodeLabel();
        String source = history.getHistoryNodeSource();
        exchange.setProperty(
                PROPERTY,
                (step == null ? "" : " in the step " + LogText.of(step)) + (source == null ? "" : " at " + source));
    }
}
