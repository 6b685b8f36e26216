package dev.serai.node.mistake;

import dev.serai.node.route.RouteModel;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * One place in a route that names an endpoint.
 *
 * @param isFrom whether the route begins with it
 * @param place file and line
 * @param scheme the text before the first colon, empty if there is none
 * @param path the text behind it, without the parameters
 * @param parameters as written, decoded
 */
record EndpointUse(boolean isFrom, @Nullable String place, String scheme, String path, Map<String, String> parameters) {

    /** All of the routes that were read from files; those that Camel made from templates are not among them. */
    static List<EndpointUse> all(CamelContext context) {
        return all(context, id -> true);
    }

    /** @param wanted which routes, by their ids */
    static List<EndpointUse> all(CamelContext context, Predicate<String> wanted) {
        List<EndpointUse> uses = new ArrayList<>();
        for (RouteDefinition route : RouteModel.model(context).getRouteDefinitions()) {
            if (route.getTemplateParameters() != null || route.getInput() == null || !wanted.test(route.getRouteId())) {
                continue;
            }
            add(uses, true, route.getInput(), route.getInput().getEndpointUri());
            for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
                if (step instanceof EndpointRequiredDefinition to) {
                    add(uses, false, step, to.getEndpointUri());
                }
            }
        }
        return uses;
    }

    private static void add(List<EndpointUse> uses, boolean isFrom, NamedNode node, @Nullable String uri) {
        if (uri == null || uri.isBlank() || uri.startsWith("{{") || uri.startsWith("${")) {
            return;
        }
        int query = uri.indexOf('?');
        String base = query < 0 ? uri : uri.substring(0, query);
        int colon = base.indexOf(':');
        String scheme = colon < 0 ? "" : base.substring(0, colon);
        String path = base.substring(colon + 1).replaceFirst("^//", "");
        uses.add(new EndpointUse(
                isFrom, RouteModel.placeOf(node), scheme, path, query < 0 ? Map.of() : parameters(uri, query + 1)));
    }

    private static Map<String, String> parameters(String uri, int from) {
        try {
            Map<String, Object> parsed = URISupport.parseQuery(uri.substring(from), true);
            URISupport.resolveRawParameterValues(parsed);
            Map<String, String> parameters = new LinkedHashMap<>();
            parsed.forEach((name, value) -> parameters.put(name, String.valueOf(value)));
            return parameters;
        } catch (URISyntaxException | RuntimeException e) {
            return Map.of(); // Camel reports it
        }
    }

    /** The first part of the path: a Kamelet's name. */
    String name() {
        return path.replaceFirst("/.*", "");
    }

    /** Where a parameter is written. */
    @Nullable String placeOf(String parameter) {
        return TextPlace.ofParameter(place, parameter);
    }

    /** With the settings filled in; null if that is not possible, or if it is known only for each message. */
    static @Nullable String resolved(CamelContext context, String value) {
        try {
            String text = context.resolvePropertyPlaceholders(value);
            return text.contains("${") || text.contains("{{") ? null : text;
        } catch (RuntimeException e) {
            return null;
        }
    }
}
