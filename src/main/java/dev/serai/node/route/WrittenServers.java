package dev.serai.node.route;

import dev.serai.camel.egress.Egress;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Tells {@link Egress} which servers are written in dynamic steps and in expressions, such as
 * {@code toD: http://10.1.2.3/items/${header.id}}. Those of other steps show when their endpoints are made.
 */
public final class WrittenServers extends ModelLifecycleStrategySupport {
    private final CamelContext context;
    private final Egress egress;

    public WrittenServers(CamelContext context, Egress egress) {
        this.context = context;
        this.egress = egress;
    }

    /** The rule with the servers that are written in properties. */
    public static Egress egress(String allow, Properties properties) {
        try {
            Egress egress = new Egress(allow);
            properties.values().forEach(value -> egress.written(value.toString()));
            return egress;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        if (!egress.isLoading()) { // made by a message on its way
            return;
        }
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            if (step instanceof ToDynamicDefinition dynamic) {
                written(dynamic.getUri());
            } else if (step instanceof ExpressionNode node && node.getExpression() != null) {
                written(node.getExpression().getExpression());
            }
        }
    }

    private void written(@Nullable String text) {
        if (text == null) {
            return;
        }
        String filled = text;
        try {
            filled = context.resolvePropertyPlaceholders(text);
        } catch (RuntimeException e) {
            // Camel says later which property is missing
        }
        egress.written(filled);
        egress.written(filled.replace("%3A", ":").replace("%2F", "/")); // as a parameter
    }
}
