package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The routes and beans of files, in YAML and XML. A file that cannot be read has none: {@code check} says why. */
final class WrittenRoutes {
    private final List<WrittenRoute> routes = new ArrayList<>();
    private final Map<String, Map<String, String>> beans = new LinkedHashMap<>();

    static WrittenRoutes of(List<Path> files) {
        WrittenRoutes all = new WrittenRoutes();
        for (Path file : files) {
            all.add(file);
        }
        return all;
    }

    List<WrittenRoute> routes() {
        return routes;
    }

    /** The properties of the beans that the files make, by name. */
    Map<String, Map<String, String>> beans() {
        return beans;
    }

    /** The flows that routes write to, sorted. */
    TreeSet<String> flows() {
        TreeSet<String> flows = new TreeSet<>();
        routes.forEach(route -> route.to().stream()
                .filter(step -> step.scheme().equals("ledger"))
                .forEach(step -> flows.add(step.path())));
        return flows;
    }

    private void add(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, file + ": cannot be read: " + e);
        }
        if (file.toString().endsWith(".xml")) {
            addXml(file, text);
        } else {
            YamlTree.list(YamlTree.read(text)).forEach(item -> addYaml(file, YamlTree.map(item)));
        }
    }

    private void addYaml(Path file, Map<?, ?> item) {
        Map<?, ?> route = item.containsKey("route") ? YamlTree.map(item.get("route")) : item;
        Object from = route.get("from");
        if (from != null) {
            List<WrittenEndpoint> steps = new ArrayList<>();
            collect(YamlTree.map(from).get("steps"), steps);
            collect(route.get("steps"), steps);
            routes.add(new WrittenRoute(file, YamlTree.text(route.get("id")), endpoint(from), steps));
        }
        beans.putAll(beans(item.get("beans")));
    }

    /** The properties of beans as YAML lists them, by name. */
    static Map<String, Map<String, String>> beans(@Nullable Object list) {
        Map<String, Map<String, String>> beans = new LinkedHashMap<>();
        for (Object item : YamlTree.list(list)) {
            Map<String, String> properties = new LinkedHashMap<>();
            YamlTree.map(YamlTree.map(item).get("properties"))
                    .forEach((name, value) -> properties.put(String.valueOf(name), YamlTree.text(value)));
            beans.put(YamlTree.text(YamlTree.map(item).get("name")), properties);
        }
        return beans;
    }

    static WrittenEndpoint endpoint(Object written) {
        Map<?, ?> map = YamlTree.map(written);
        return map.isEmpty()
                ? WrittenEndpoint.of(YamlTree.text(written), Map.of())
                : WrittenEndpoint.of(YamlTree.text(map.get("uri")), YamlTree.map(map.get("parameters")));
    }

    /** The endpoints of steps at any depth. */
    static void collect(@Nullable Object steps, List<WrittenEndpoint> found) {
        for (Object item : YamlTree.list(steps)) {
            collect(item, found);
        }
        YamlTree.map(steps).forEach((name, value) -> {
            boolean isText = !(value instanceof Map) && !(value instanceof List);
            if (YamlTree.map(value).get("uri") instanceof String
                    || (isText && List.of("to", "toD", "wireTap").contains(name))) {
                found.add(endpoint(value));
            } else {
                collect(value, found);
            }
        });
    }

    private void addXml(Path file, String text) {
        NodeList all;
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var parser = factory.newDocumentBuilder();
            parser.setErrorHandler(null); // which would print
            all = parser.parse(new InputSource(new StringReader(text))).getElementsByTagName("route");
        } catch (ParserConfigurationException | SAXException | IOException e) {
            return;
        }
        for (int i = 0; i < all.getLength(); i++) {
            if (all.item(i) instanceof Element route) {
                addXml(file, route);
            }
        }
    }

    private void addXml(Path file, Element route) {
        WrittenEndpoint from = null;
        List<WrittenEndpoint> steps = new ArrayList<>();
        NodeList inside = route.getElementsByTagName("*");
        for (int i = 0; i < inside.getLength(); i++) {
            if (inside.item(i) instanceof Element element && element.hasAttribute("uri")) {
                WrittenEndpoint endpoint = WrittenEndpoint.of(element.getAttribute("uri"), Map.of());
                if (element.getTagName().equals("from")) {
                    from = endpoint;
                } else {
                    steps.add(endpoint);
                }
            }
        }
        if (from != null) {
            routes.add(new WrittenRoute(file, route.getAttribute("id"), from, steps));
        }
    }
}
