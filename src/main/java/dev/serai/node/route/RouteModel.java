package dev.serai.node.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/** Reads routes as they are written. */
public final class RouteModel {
    private RouteModel() {}

    /** The routes and templates of a context. */
    public static Model model(CamelContext context) {
        return Objects.requireNonNull(context.getCamelContextExtension().getContextPlugin(Model.class));
    }

    /** All steps, also nested ones. */
    public static List<ProcessorDefinition<?>> steps(RouteDefinition route) {
        List<ProcessorDefinition<?>> steps = new ArrayList<>();
        for (ProcessorDefinition<?> step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class)) {
            steps.add(step);
        }
        return steps;
    }

    /** File and line; null if Camel does not know them. */
    public static @Nullable String placeOf(NamedNode node) {
        String location = node.getLocation();
        if (location == null) {
            return null;
        }
        String file = location.startsWith("file:") ? location.substring("file:".length()) : location;
        return node.getLineNumber() > 0 ? file + ":" + node.getLineNumber() : file;
    }
}
