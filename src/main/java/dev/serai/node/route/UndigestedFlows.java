package dev.serai.node.route;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/** The flows that say {@code digests: false} on one of their {@code ledger:} endpoints. */
final class UndigestedFlows {
    private static final Pattern OFF = Pattern.compile("ledger:[^?]*\\?(.*&)?digests=false(&.*)?");

    private UndigestedFlows() {}

    /** By flow the place that says so. */
    static Map<String, String> of(CamelContext context) {
        RouteLinks links = new RouteLinks(context);
        Map<String, String> places = new TreeMap<>();
        for (RouteDefinition route : RouteModel.model(context).getRouteDefinitions()) {
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
