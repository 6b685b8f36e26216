package dev.serai.camel;

import dev.serai.log.LogNames;
import dev.serai.trace.TraceContext;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.spi.CamelLogger;
import org.apache.camel.spi.LogListener;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/** Tells the log which route, flow and target a step that logs belongs to. */
public final class StepLog implements LogListener {
    private final String flowHeader;
    private final String targetHeader;

    private StepLog(String flowHeader, String targetHeader) {
        this.flowHeader = flowHeader;
        this.targetHeader = targetHeader;
    }

    /**
     * To be called before the context's routes are made.
     *
     * @param flowHeader in which a delivery has its flow
     * @param targetHeader in which it has its target
     */
    public static void in(CamelContext context, String flowHeader, String targetHeader) {
        context.getCamelContextExtension().addLogListener(new StepLog(flowHeader, targetHeader));
    }

    @Override
    public String onLog(Exchange exchange, CamelLogger logger, String message) {
        @Nullable String route = ExchangeHelper.getRouteId(exchange);
        LogNames.beginStep(
                route == null ? exchange.getFromRouteId() : route,
                exchange.getMessage().getHeader(flowHeader, String.class),
                exchange.getMessage().getHeader(targetHeader, String.class));
        TraceContext trace = TraceContext.of(exchange.getMessage().getHeader(TraceContext.PARENT, String.class), null);
        LogNames.beginTrace(trace == null ? null : trace.traceId());
        return message;
    }

    @Override
    public void afterLog(Exchange exchange, CamelLogger logger, String message) {
        LogNames.endStep();
        LogNames.endTrace();
    }
}
