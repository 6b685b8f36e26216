package dev.serai.node.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kamelet.Kamelet;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.jspecify.annotations.Nullable;

/**
 * How the loaded routes lead into each other: through {@code direct:}, in-memory queues and Kamelets. It knows the routes that
 * were there when it was made.
 *
 * <p>Threads: one thread.
 */
final class RouteLinks {
    private static final String KAMELET = "kamelet:";
    private static final String KAMELET_SINK = "kamelet:sink";

    private final CamelContext context;
    private final Model model;
    /** The routes by what they consume, without parameters. */
    private final Map<String, List<RouteDefinition>> consuming = new HashMap<>();
    /** The routes of Kamelets. */
    private final Map<KameletUse, List<RouteDefinition>> kamelets = new HashMap<>();

    private final Map<String, RouteDefinition> byId = new HashMap<>();

    /** @param user the id of the route that uses the Kamelet; null if the Kamelet's route does not say it */
    private record KameletUse(@Nullable String user, String kamelet) {}

    RouteLinks(CamelContext context) {
        this.context = context;
        this.model = RouteModel.model(context);
        for (RouteDefinition route : model.getRouteDefinitions()) {
            consuming
                    .computeIfAbsent(withoutParameters(from(route)), none -> new ArrayList<>())
                    .add(route);
            String kamelet = parameter(route, Kamelet.PARAM_TEMPLATE_ID);
            if (kamelet != null) {
                kamelets.computeIfAbsent(
                                new KameletUse(parameter(route, Kamelet.PARENT_ROUTE_ID), kamelet),
                                none -> new ArrayList<>())
                        .add(route);
            }
            if (route.getRouteId() != null) {
                byId.putIfAbsent(route.getRouteId(), route);
            }
        }
    }

    List<RouteDefinition> routes() {
        return model.getRouteDefinitions();
    }

    /** Where a route begins, with the settings filled in. */
    String from(RouteDefinition route) {
        return resolved(route.getInput().getEndpointUri());
    }

    /** What a step sends to, with the settings filled in; what an expression names is known if it is plain text. */
    List<String> uris(ProcessorDefinition<?> step) {
        if (step instanceof EndpointRequiredDefinition to) {
            return List.of(resolved(to.getEndpointUri()));
        }
        if (step instanceof ToDynamicDefinition dynamic) {
            return List.of(resolved(dynamic.getUri()));
        }
        List<String> uris = new ArrayList<>();
        if (step instanceof ExpressionNode node && SendingStep.namesReceivers(step) && node.getExpression() != null) {
            for (String uri :
                    String.valueOf(node.getExpression().getExpression()).split(",")) {
                uris.add(resolved(uri.strip()));
            }
        }
        return uris;
    }

    /** What a route sends to, and the routes that it calls; not what its Kamelets send to. */
    Set<String> urisOf(RouteDefinition route) {
        Set<String> uris = new LinkedHashSet<>();
        addUris(route, uris);
        return uris;
    }

    private void addUris(RouteDefinition route, Set<String> uris) {
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            for (String uri : uris(step)) {
                if (uris.add(uri) && !uri.startsWith(KAMELET)) {
                    next(route, uri).forEach(next -> addUris(next, uris));
                }
            }
        }
    }

    /** The routes that a URI leads into. */
    List<RouteDefinition> next(RouteDefinition from, String uri) {
        return uri.startsWith(KAMELET) ? kamelets(from, uri) : consuming(uri);
    }

    /** Where a step leads that sends to a Kamelet, or that ends the source Kamelet which this route is. */
    private List<RouteDefinition> kamelets(RouteDefinition from, String uri) {
        if (withoutParameters(uri).equals(KAMELET_SINK)) {
            RouteDefinition using = route(parameter(from, Kamelet.PARENT_ROUTE_ID));
            boolean isSource =
                    using != null && using.getInput().getEndpointUri().startsWith(KAMELET);
            return isSource ? List.of(using) : List.of();
        }
        String name = withoutParameters(uri.substring(KAMELET.length())).replaceFirst("/.*", "");
        return kamelets.getOrDefault(new KameletUse(from.getRouteId(), name), List.of());
    }

    private List<RouteDefinition> consuming(String uri) {
        return consuming.getOrDefault(withoutParameters(uri), List.of());
    }

    /** The route that uses the Kamelet whose route this is; the route itself if it is no Kamelet's. */
    RouteDefinition user(RouteDefinition route) {
        RouteDefinition using = route(parameter(route, Kamelet.PARENT_ROUTE_ID));
        return using == null ? route : user(using);
    }

    @Nullable RouteDefinition route(@Nullable String id) {
        return id == null ? null : byId.get(id);
    }

    private static @Nullable String parameter(RouteDefinition route, String name) {
        Map<String, Object> parameters = route.getTemplateParameters();
        Object value = parameters == null ? null : parameters.get(name);
        return value == null ? null : value.toString();
    }

    /** With the settings filled in; as it is written if one is known only in its Kamelet. */
    private String resolved(@Nullable String uri) {
        try {
            return uri == null ? "" : context.resolvePropertyPlaceholders(uri);
        } catch (IllegalArgumentException e) {
            return String.valueOf(uri);
        }
    }

    static String withoutParameters(String uri) {
        int parameters = uri.indexOf('?');
        return (parameters < 0 ? uri : uri.substring(0, parameters)).replace("://", ":");
    }

    /** Of the step, or in a Kamelet's route of where the Kamelet stands if the step's own is unknown. */
    static @Nullable String place(RouteDefinition route, ProcessorDefinition<?> step) {
        String place = RouteModel.placeOf(step);
        return place == null ? RouteModel.placeOf(route) : place;
    }
}
