package dev.serai.node;

import dev.serai.camel.http.FailedStep;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.LoggingLevel;
import org.apache.camel.model.ModelLifecycleStrategy;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;

/**
 * Keeps Camel from logging what the ledger and the edge report themselves: a failed delivery is retried and kept with its
 * reason, a refused request is answered. Camel would log each with a stack trace. Routes that begin elsewhere keep Camel's
 * error handler, and so does a route that names its own.
 */
final class QuietErrors implements ModelLifecycleStrategy {
    private static final Set<String> REPORTED = Set.of("ledger", "ingress", "kamelet");

    static void in(CamelContext context) {
        // For the whole context, since the routes inside Kamelets always use the context's error handler.
        DefaultErrorHandlerDefinition quiet = new DefaultErrorHandlerDefinition();
        quiet.setLevel(LoggingLevel.OFF.name());
        // At level OFF too Camel would describe the route and the message for each failure.
        quiet.logExhausted(false);
        FailedStep.noteIn(quiet);
        context.getCamelContextExtension().setErrorHandlerFactory(quiet);
    }

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        String uri = route.getInput() == null ? "" : route.getInput().getEndpointUri();
        if (!REPORTED.contains(uri.replaceFirst(":.*", ""))) {
            route.setErrorHandlerFactoryIfNull(new DefaultErrorHandlerDefinition());
        }
    }

    @Override
    public void onRemoveRouteDefinition(RouteDefinition route) {}

    @Override
    public void onAddRouteTemplateDefinition(RouteTemplateDefinition template) {}

    @Override
    public void onRemoveRouteTemplateDefinition(RouteTemplateDefinition template) {}
}
