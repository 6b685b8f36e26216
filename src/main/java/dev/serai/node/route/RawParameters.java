package dev.serai.node.route;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.spi.EndpointUriFactory;

/**
 * Lets the parameters of Serai's own endpoints mean what is written. Camel decodes them as the query of a URL, where {@code +} is
 * a space, {@code %20} too, and {@code &} ends a parameter; {@code RAW(...)} stops it.
 */
public final class RawParameters extends ModelLifecycleStrategySupport {
    /** Kamelets are left alone: {@link dev.serai.node.SeraiKamelets} takes care of theirs. */
    private static final String OWN = "dev.serai.camel.";
    /** A parameter: {@code RAW} to its end, else up to an {@code &} that stands before a name and {@code =}. */
    private static final Pattern PARAMETER = Pattern.compile(
            "[^=&]*=RAW\\(.*?\\)(?=&|$)|[^=&]*=RAW\\{.*?}(?=&|$)|.+?(?=&[A-Za-z][A-Za-z0-9.]*=|$)", Pattern.DOTALL);

    private static final Pattern DECODED = Pattern.compile("[+%&]|\\{\\{");

    private final CamelContext context;

    public RawParameters(CamelContext context) {
        this.context = context;
    }

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        FromDefinition from = route.getInput();
        if (from != null && from.getUri() != null) {
            from.setUri(raw(from.getUri(), route));
        }
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            if (step instanceof SendDefinition<?> to && to.getUri() != null) {
                to.setUri(raw(to.getUri(), route));
            }
        }
    }

    private String raw(String uri, RouteDefinition route) {
        int query = uri.indexOf('?') + 1;
        int colon = uri.indexOf(':');
        if (query == 0 || colon < 0 || colon > query || !DECODED.matcher(uri).find(query)) {
            return uri;
        }
        EndpointUriFactory names = context.getCamelContextExtension().getEndpointUriFactory(uri.substring(0, colon));
        if (names == null || !names.getClass().getName().startsWith(OWN)) {
            return uri;
        }
        List<String> parameters = new ArrayList<>();
        for (String parameter : parameters(uri.substring(query))) {
            int value = parameter.indexOf('=') + 1;
            boolean isSecret = names.secretPropertyNames().contains(parameter.substring(0, Math.max(0, value - 1)));
            parameters.add(
                    value == 0
                            ? parameter
                            : parameter.substring(0, value) + raw(parameter.substring(value), route, isSecret));
        }
        return uri.substring(0, query) + String.join("&", parameters);
    }

    private static List<String> parameters(String query) {
        List<String> parameters = new ArrayList<>();
        Matcher next = PARAMETER.matcher(query);
        for (int at = 0; at < query.length() && next.find(at); at = next.end() + 1) {
            parameters.add(next.group());
        }
        return parameters;
    }

    private String raw(String value, RouteDefinition route, boolean isSecret) {
        if (value.startsWith("#") || value.startsWith("RAW(") || value.startsWith("RAW{")) {
            return value;
        }
        String text = isSecret ? value : resolved(value, route);
        if (!DECODED.matcher(text).find()) {
            return text;
        }
        String escaped = text.replace("%", "%25"); // the one thing that RAW does not keep
        return escaped.contains(")&") ? "RAW{" + escaped + "}" : "RAW(" + escaped + ")";
    }

    /** With the settings filled in, since what they say is not decoded either; a template's own are filled in later. */
    private String resolved(String value, RouteDefinition route) {
        if (!value.contains("{{") || route.getTemplateParameters() != null) {
            return value;
        }
        try {
            return context.resolvePropertyPlaceholders(value);
        } catch (RuntimeException e) {
            return value; // Camel says later which one is missing
        }
    }
}
