package dev.serai.node.route;

import java.net.URISyntaxException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.NamedNode;
import org.apache.camel.component.kamelet.KameletEndpointUriFactory;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * Refuses Kamelet parameters that the Kamelet does not have. Camel ignores them, and a misspelt {@code scheme} would leave a
 * webhook open to everybody.
 */
final class KameletOptions {
    private static final String KAMELET = "kamelet:";
    private static final Set<String> CAMELS_OWN = new KameletEndpointUriFactory().propertyNames();

    private KameletOptions() {}

    /** Looks at every route that was loaded; throws {@link ConfigurationException} with file, line and name. */
    static void refuseUnknown(Model model) {
        for (RouteDefinition route : model.getRouteDefinitions()) {
            refuseUnknown(model, route.getInput(), route.getInput().getEndpointUri());
            for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
                if (step instanceof EndpointRequiredDefinition to) {
                    refuseUnknown(model, step, to.getEndpointUri());
                }
            }
        }
    }

    private static void refuseUnknown(Model model, NamedNode node, @Nullable String uri) {
        if (uri == null || !uri.startsWith(KAMELET)) {
            return;
        }
        String name = uri.substring(KAMELET.length()).replaceFirst("[/?].*", "");
        RouteTemplateDefinition template = model.getRouteTemplateDefinition(name);
        if (template == null) {
            return; // named by a property, or not loaded: Camel reports it
        }
        Set<String> known = new TreeSet<>();
        if (template.getTemplateParameters() != null) { // null for a Kamelet without parameters
            for (RouteTemplateParameterDefinition parameter : template.getTemplateParameters()) {
                known.add(parameter.getName());
            }
        }
        for (String given : parameters(uri).keySet()) {
            if (!known.contains(given) && !CAMELS_OWN.contains(given)) {
                String place = RouteModel.placeOf(node);
                throw new ConfigurationException((place == null ? "" : place + ": ") + "the Kamelet " + name
                        + " has no parameter " + given + ": it takes "
                        + (known.isEmpty() ? "none" : String.join(", ", known)));
            }
        }
    }

    private static Map<String, Object> parameters(String uri) {
        int query = uri.indexOf('?');
        try {
            return query < 0 ? Map.of() : URISupport.parseQuery(uri.substring(query + 1), true);
        } catch (URISyntaxException e) {
            return Map.of(); // Camel has read it before
        }
    }
}
