package dev.serai.node.route;

import dev.serai.text.NearestName;
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
public final class KameletOptions {
    private static final String KAMELET = "kamelet:";
    /** Camel's own, which {@link dev.serai.node.SeraiKamelets} passes on as the Kamelet's. */
    private static final String TIMEOUT = "timeout";

    private static final Set<String> CAMELS_OWN = new KameletEndpointUriFactory().propertyNames();

    private KameletOptions() {}

    /**
     * Looks at what one endpoint was given; throws {@link ConfigurationException} with file, line and name.
     *
     * @param path of the endpoint's URI, which begins with the Kamelet's name
     */
    public static void refuseUnknown(Model model, String path, Set<String> given) {
        RouteTemplateDefinition template = model.getRouteTemplateDefinition(nameOf(path));
        if (template != null && !unknown(template, given).isEmpty()) {
            refuseUnknown(model); // which finds its place
        }
    }

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
        String name = nameOf(uri.substring(KAMELET.length()));
        RouteTemplateDefinition template = model.getRouteTemplateDefinition(name);
        if (template == null) {
            return; // named by a property, or not loaded: Camel reports it
        }
        for (String given : unknown(template, parameters(uri).keySet())) {
            Set<String> known = known(template);
            String place = RouteModel.placeOf(node);
            throw new ConfigurationException((place == null ? "" : place + ": ") + "the Kamelet " + name
                    + " has no parameter " + given + NearestName.hint(given, known) + ": it takes "
                    + (known.isEmpty() ? "none" : String.join(", ", known)));
        }
    }

    private static String nameOf(String path) {
        return path.replaceFirst("[/?].*", "");
    }

    private static Set<String> unknown(RouteTemplateDefinition template, Set<String> given) {
        Set<String> unknown = new TreeSet<>(given);
        unknown.removeAll(known(template));
        unknown.removeIf(name -> CAMELS_OWN.contains(name) && !name.equals(TIMEOUT));
        return unknown;
    }

    private static Set<String> known(RouteTemplateDefinition template) {
        Set<String> known = new TreeSet<>();
        if (template.getTemplateParameters() != null) { // null for a Kamelet without parameters
            for (RouteTemplateParameterDefinition parameter : template.getTemplateParameters()) {
                known.add(parameter.getName());
            }
        }
        return known;
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
