package dev.serai.node.route;

import org.apache.camel.CamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;

/**
 * Refuses {@code toD} to the ledger with expressions in its parameters. Camel evaluates them first, and the ledger then evaluates
 * what they gave: text of a message would be read as an expression.
 */
final class DynamicLedger {
    private static final String LEDGER = "ledger:";
    private static final String EXPRESSION = "${";

    private DynamicLedger() {}

    /** Throws {@link ConfigurationException} with file, line and what to do. */
    static void refuse(CamelContext context) {
        for (RouteDefinition route : RouteModel.model(context).getRouteDefinitions()) {
            for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
                if (step instanceof ToDynamicDefinition to && isEvaluatedTwice(to.getUri())) {
                    String place = RouteLinks.place(route, step);
                    throw new ConfigurationException((place == null ? "" : place + ": ")
                            + "toD evaluates the parameters of ledger: before ledger: does, so text of a message would be"
                            + " evaluated as an expression: use to: for each flow, in a choice if there are several");
                }
            }
        }
    }

    private static boolean isEvaluatedTwice(String uri) {
        int query = uri.indexOf('?');
        return uri.startsWith(LEDGER) && query > 0 && uri.indexOf(EXPRESSION, query) > 0;
    }
}
