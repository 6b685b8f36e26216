package dev.serai.node;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * Walks from each route through its steps, and on through {@code direct:}, in-memory queues and Kamelets into other routes.
 *
 * <p>Threads: one thread.
 */
final class RouteWalk {
    private static final String LEDGER = "ledger:";
    private static final String KAMELET = "kamelet:";
    private static final String KAMELET_SINK = "kamelet:sink";

    private final CamelContext context;
    private final Model model;
    private final Set<BrokenPromise> found = new LinkedHashSet<>();

    RouteWalk(CamelContext context) {
        this.context = context;
        this.model = Node.model(context);
    }

    /** A step on the way, after which the exchange has ended already; null before the first of them. */
    private record Way(
            @Nullable String flow,
            boolean allowed,
            @Nullable EarlyEnd end,
            @Nullable String place) {
        Way after(@Nullable EarlyEnd next, @Nullable String at) {
            return next == null || end != null ? this : new Way(flow, allowed, next, at);
        }
    }

    List<BrokenPromise> brokenPromises() {
        for (RouteDefinition route : model.getRouteDefinitions()) {
            String from = resolved(route.getInput().getEndpointUri());
            Way way = from.startsWith(LEDGER)
                    ? new Way(flow(from), isUnsafe(from), null, null)
                    : new Way(null, false, null, null);
            walk(route, route.getOutputs(), way, new HashSet<>());
        }
        return List.copyOf(found);
    }

    private void walk(RouteDefinition route, List<ProcessorDefinition<?>> steps, Way way, Set<Object> seen) {
        for (ProcessorDefinition<?> step : steps) {
            EarlyEnd end = EarlyEnd.of(step);
            Way behind = way.after(end, place(route, step));
            if (end != null && way.flow() != null) {
                found.add(new BrokenPromise(way.flow(), place(route, step), end, true, way.allowed()));
            }
            if (step instanceof EndpointRequiredDefinition to) {
                follow(route, resolved(to.getEndpointUri()), behind, seen);
            } else if (step instanceof ToDynamicDefinition dynamic) {
                follow(route, resolved(dynamic.getUri()), behind, seen);
            } else if (step instanceof ExpressionNode node && node.getExpression() != null) {
                // Such as recipientList and enrich: an expression that is plain text names what it sends to.
                for (String uri :
                        String.valueOf(node.getExpression().getExpression()).split(",")) {
                    follow(route, resolved(uri.strip()), behind, seen);
                }
            }
            walk(route, step.getOutputs(), behind, seen);
        }
    }

    private void follow(RouteDefinition from, String uri, Way way, Set<Object> seen) {
        if (uri.startsWith(LEDGER)) {
            if (way.flow() == null && way.end() != null) {
                found.add(new BrokenPromise(flow(uri), way.place(), way.end(), false, isUnsafe(uri)));
            }
            return;
        }
        for (RouteDefinition next : uri.startsWith(KAMELET) ? kamelets(from, uri) : consuming(uri)) {
            if (seen.add(List.of(next, way.end() != null))) {
                walk(next, next.getOutputs(), way, seen);
            }
        }
    }

    /** Where a step leads that sends to a Kamelet, or that ends the source Kamelet which this route is. */
    private List<RouteDefinition> kamelets(RouteDefinition from, String uri) {
        List<RouteDefinition> next = new ArrayList<>();
        String name = withoutParameters(uri.substring(KAMELET.length())).replaceFirst("/.*", "");
        if (withoutParameters(uri).equals(KAMELET_SINK)) {
            RouteDefinition using = route(parameter(from, Kamelet.PARENT_ROUTE_ID));
            if (using != null && using.getInput().getEndpointUri().startsWith(KAMELET)) {
                next.add(using);
            }
            return next;
        }
        for (RouteDefinition route : model.getRouteDefinitions()) {
            if (name.equals(parameter(route, Kamelet.PARAM_TEMPLATE_ID))
                    && Objects.equals(from.getRouteId(), parameter(route, Kamelet.PARENT_ROUTE_ID))) {
                next.add(route);
            }
        }
        return next;
    }

    private List<RouteDefinition> consuming(String uri) {
        String plain = withoutParameters(uri);
        return model.getRouteDefinitions().stream()
                .filter(route -> withoutParameters(resolved(route.getInput().getEndpointUri()))
                        .equals(plain))
                .toList();
    }

    private @Nullable RouteDefinition route(@Nullable String id) {
        return id == null ? null : model.getRouteDefinition(id);
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

    private static String flow(String ledgerUri) {
        return withoutParameters(ledgerUri).substring(LEDGER.length());
    }

    private static boolean isUnsafe(String ledgerUri) {
        return ledgerUri.matches(".*[?&]unsafe=true(&.*)?");
    }

    private static String withoutParameters(String uri) {
        return uri.replaceFirst("\\?.*", "").replace("://", ":");
    }

    /** Of the step, or in a Kamelet's route of where the Kamelet stands if the step's own is unknown. */
    private static @Nullable String place(RouteDefinition route, ProcessorDefinition<?> step) {
        String place = StartFailure.placeOf(step);
        return place == null ? StartFailure.placeOf(route) : place;
    }
}
