package dev.serai.cli.flow;

import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint as a route names it.
 *
 * @param scheme the component
 * @param path what follows it, without the parameters
 */
record WrittenEndpoint(String scheme, String path, Map<String, String> parameters) {

    /** Of a URI, which may have parameters of its own. */
    static WrittenEndpoint of(String uri, Map<?, ?> parameters) {
        int query = uri.indexOf('?');
        String address = query < 0 ? uri : uri.substring(0, query);
        Map<String, String> all = new LinkedHashMap<>(query < 0 ? Map.of() : parsed(uri.substring(query + 1)));
        parameters.forEach((name, value) -> all.put(String.valueOf(name), YamlTree.text(value)));
        int colon = address.indexOf(':');
        String path = colon < 0 ? "" : address.substring(colon + 1);
        return new WrittenEndpoint(colon < 0 ? address : address.substring(0, colon), withoutSlashes(path), all);
    }

    private static String withoutSlashes(String path) {
        return path.startsWith("//") ? path.substring(2) : path;
    }

    private static Map<String, String> parsed(String query) {
        try {
            Map<String, Object> values = URISupport.parseQuery(query);
            URISupport.resolveRawParameterValues(values);
            Map<String, String> texts = new LinkedHashMap<>();
            values.forEach((name, value) -> texts.put(name, String.valueOf(value)));
            return texts;
        } catch (URISyntaxException e) {
            return Map.of(); // whoever loads the route reports it
        }
    }

    String address() {
        return scheme + ":" + path;
    }

    @Nullable String parameter(String name) {
        return parameters.get(name);
    }

    /** The name of the bean that a parameter names; empty if it names none. */
    String bean(String name) {
        String value = parameters.getOrDefault(name, "");
        return value.startsWith("#bean:") ? value.substring("#bean:".length()) : "";
    }
}
