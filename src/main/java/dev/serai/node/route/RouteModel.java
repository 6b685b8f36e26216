package dev.serai.node.route;

import dev.serai.camel.egress.Egress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.component.kamelet.Kamelet;
import org.apache.camel.model.EndpointRequiredDefinition;
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

    /** What has to see routes as they are added; to be called before the first. */
    public static void watch(CamelContext context, Egress egress) {
        Model model = model(context);
        model.addModelLifecycleStrategy(new StepLines());
        model.addModelLifecycleStrategy(new RawParameters(context));
        model.addModelLifecycleStrategy(new WrittenServers(context, egress));
        model.addModelLifecycleStrategy(new PartIds());
        model.addModelLifecycleStrategy(new SentMarks());
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

    /** The Kamelet that a route was made from; null if it is none. */
    public static @Nullable String kameletOf(RouteDefinition route) {
        Map<String, Object> parameters = route.getTemplateParameters();
        Object kamelet = parameters == null ? null : parameters.get(Kamelet.PARAM_TEMPLATE_ID);
        return kamelet == null ? null : kamelet.toString();
    }

    /** For a route made from a Kamelet, where it is used, since its parameters are there; else where the route begins. */
    public static @Nullable String placeOfUser(Model model, RouteDefinition route) {
        String kamelet = kameletOf(route);
        if (kamelet == null) {
            return placeOf(route.getInput());
        }
        Object user = route.getTemplateParameters().get(Kamelet.PARENT_ROUTE_ID);
        RouteDefinition using = user == null ? null : model.getRouteDefinition(user.toString());
        String place = using == null ? null : placeOfKamelet(using, kamelet);
        return place == null ? placeOf(route) : place;
    }

    /** Where a Kamelet is used first; null if it is not. */
    public static @Nullable String placeOfKamelet(Model model, String kamelet) {
        for (RouteDefinition route : model.getRouteDefinitions()) {
            String place = placeOfKamelet(route, kamelet);
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    private static @Nullable String placeOfKamelet(RouteDefinition route, String kamelet) {
        String uri = "kamelet:" + kamelet;
        if (isKamelet(route.getInput().getEndpointUri(), uri)) {
            return placeOf(route.getInput());
        }
        for (ProcessorDefinition<?> node : steps(route)) {
            if (node instanceof EndpointRequiredDefinition to && isKamelet(to.getEndpointUri(), uri)) {
                return placeOf(node);
            }
        }
        return null;
    }

    private static boolean isKamelet(@Nullable String uri, String kamelet) {
        return uri != null && (uri.equals(kamelet) || uri.startsWith(kamelet + "?") || uri.startsWith(kamelet + "/"));
    }
}
