package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each route file, each Kamelet and each route in the docs is written in the notation that Camel calls canonical: it logs a
 * warning for every file that is not. Its schema defines what is canonical, except for routes that begin with {@code from}.
 */
class CanonicalYamlTest {
    private static final List<String> FOLDERS = List.of("routes", "sandbox", "kamelets", "docs", "bench/routes");
    private static final Pattern BLOCK = Pattern.compile("^```yaml\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Set<String> COMPACT_ROUTE = Set.of("from");

    private final YAMLMapper yaml = new YAMLMapper();
    private final JsonSchema schema = schema();
    private final Set<String> document = documentKeys();
    private final List<String> wrong = new ArrayList<>();

    @Test
    void everyRouteFileAndKameletIsCanonical() throws IOException {
        int checked = 0;
        for (Path file : files(".yaml")) {
            check(file.toString(), Files.readString(file));
            checked++;
        }

        assertThat(wrong).isEmpty();
        assertThat(checked).isGreaterThan(80);
    }

    @Test
    void everyRouteInTheDocsIsCanonical() throws IOException {
        int checked = 0;
        for (Path file : files(".md")) {
            Matcher block = BLOCK.matcher(Files.readString(file));
            while (block.find()) {
                check(file + " at " + block.start(), block.group(1));
                checked++;
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(checked).isGreaterThan(10);
    }

    @Test
    void compactNotationIsFound() throws IOException {
        check("step", "- route: {from: {uri: a:b, steps: [{log: hello}]}}");
        check("language", "- route: {from: {uri: a:b, steps: [{setBody: {expression: {constant: hello}}}]}}");
        check("expression", "- route: {from: {uri: a:b, steps: [{setBody: {constant: {expression: hello}}}]}}");
        check("route", "- from: {uri: a:b, steps: []}");
        check("Kamelet", "{kind: Kamelet, spec: {template: {from: {uri: a:b, steps: [{to: c:d}]}}}}");
        check("fragment", "- to: a:b");
        check(
                "canonical",
                "- route: {from: {uri: a:b, steps: [{setBody: {expression: {constant: {expression: hello}}}}]}}");

        assertThat(wrong.stream().map(text -> text.replaceFirst(":.*", "")))
                .contains("step", "language", "expression", "route", "Kamelet", "fragment")
                .doesNotContain("canonical");
    }

    private void check(String name, String text) throws IOException {
        JsonNode root = yaml.readTree(text);
        if (root.has("flow") && root.has("target")) {
            return; // how a target is compared, which Camel does not read
        }
        for (JsonNode item : root) {
            if (!COMPACT_ROUTE.stream().filter(item::has).toList().isEmpty() && root.isArray()) {
                wrong.add(name + ": write a route around its from");
            }
        }
        schema.validate(asRoutes(root)).forEach(fault -> wrong.add(name + ": " + fault.getMessage()));
    }

    /** A Kamelet as Camel's route template, and bare steps as a route. */
    private JsonNode asRoutes(JsonNode root) {
        ArrayNode routes = yaml.createArrayNode();
        if (root.path("kind").asText().equals("Kamelet")) {
            ObjectNode template = root.at("/spec/template").deepCopy();
            routes.addObject().set("routeTemplate", template.put("id", "kamelet"));
            return routes;
        }
        if (root.isArray()
                && !root.isEmpty()
                && !document.contains(root.get(0).fieldNames().next())) {
            routes.addObject()
                    .putObject("route")
                    .putObject("from")
                    .put("uri", "direct:fragment")
                    .set("steps", root);
            return routes;
        }
        return root;
    }

    private static Set<Path> files(String end) throws IOException {
        Set<Path> found = new TreeSet<>();
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(end)
                                && !file.toString().endsWith(".test.yaml"))
                        .forEach(found::add);
            }
        }
        if (end.equals(".md")) {
            found.add(Path.of("README.md"));
            found.add(Path.of("README.zh.md"));
        }
        return found;
    }

    private static JsonNode schemaNode() {
        try (InputStream json = CanonicalYamlTest.class.getResourceAsStream("/schema/camelYamlDsl-canonical.json")) {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new AssertionError("Camel's schema cannot be read", e);
        }
    }

    private static JsonSchema schema() {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schemaNode());
    }

    private static Set<String> documentKeys() {
        Set<String> keys = new TreeSet<>();
        schemaNode().at("/items/properties").fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
