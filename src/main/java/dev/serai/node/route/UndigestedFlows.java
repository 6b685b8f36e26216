package dev.serai.node.route;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The flows that say {@code digests: false} on one of their {@code ledger:} endpoints.
 *
 * <p>Threads: safe.
 */
final class UndigestedFlows {
    private static final Pattern OFF = Pattern.compile("ledger:[^?]*\\?(.*&)?digests=false(&.*)?");

    private List<RouteDefinition> seen = List.of();
    private Map<String, String> places = Map.of();

    /** By flow the place that says so; they are read anew when other routes are loaded. */
    synchronized Map<String, String> of(CamelContext context) {
        List<RouteDefinition> now = List.copyOf(RouteModel.model(context).getRouteDefinitions());
        if (!now.equals(seen)) {
            places = read(new RouteLinks(context), now);
            seen = now;
        }
        return places;
    }

    private static Map<String, String> read(RouteLinks links, List<RouteDefinition> routes) {
        Map<String, String> places = new TreeMap<>();
        for (RouteDefinition route : routes) {
            add(links.from(route), RouteModel.placeOf(route.getInput()), places);
            for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
                links.uris(step).forEach(uri -> add(uri, RouteLinks.place(route, step), places));
            }
        }
        return Map.copyOf(places);
    }

    private static void add(String uri, @Nullable String place, Map<String, String> places) {
        if (OFF.matcher(uri).matches()) {
            String flow = RouteLinks.withoutParameters(uri).substring("ledger:".length());
            places.putIfAbsent(flow, place == null ? "a route" : place);
        }
    }
}
