package dev.serai.node.mistake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;

/** The names that Camel's YAML has for steps and their fields, from Camel's own schema; XML has the same. */
final class DslNames {
    private static final String SCHEMA = "schema/camelYamlDsl.json";
    private static final String STEPS = "org.apache.camel.model.ProcessorDefinition";
    private static final String EXPRESSION = "ExpressionDefinition";

    private final JsonNode schema;

    private DslNames(JsonNode schema) {
        this.schema = schema;
    }

    /** Without any name if Camel has no schema. */
    static DslNames read() {
        ObjectMapper mapper = new ObjectMapper();
        try (InputStream in = DslNames.class.getClassLoader().getResourceAsStream(SCHEMA)) {
            return new DslNames(
                    in == null ? mapper.createObjectNode() : mapper.readTree(in).path("items"));
        } catch (IOException e) {
            return new DslNames(mapper.createObjectNode());
        }
    }

    /** What a file may consist of. */
    Set<String> roots() {
        return names(schema.path("properties"));
    }

    Set<String> steps() {
        return names(definition(STEPS).path("properties"));
    }

    /** The fields of a step, of {@code from}, or of a part of a file; empty if there is none of the name. */
    Set<String> fields(String name) {
        JsonNode node = definition(STEPS).path("properties").path(name);
        if (name.equals("from")) {
            node = definition("org.apache.camel.model.FromDefinition");
        } else if (node.isMissingNode()) {
            node = schema.path("properties").path(name);
        }
        Set<String> fields = new TreeSet<>();
        addFields(followed(node), fields);
        return fields;
    }

    private void addFields(JsonNode definition, Set<String> fields) {
        definition.path("properties").fieldNames().forEachRemaining(fields::add);
        for (String choice : new String[] {"oneOf", "anyOf", "allOf"}) {
            for (JsonNode part : definition.path(choice)) {
                JsonNode target = followed(part);
                // Camel lets an expression stand directly in its step.
                if (target == part || part.path("$ref").asText().endsWith(EXPRESSION)) {
                    addFields(target, fields);
                }
            }
        }
    }

    private JsonNode followed(JsonNode node) {
        String reference = node.path("$ref").asText();
        return reference.isEmpty() ? node : definition(reference.replaceFirst(".*/", ""));
    }

    private JsonNode definition(String name) {
        return schema.path("definitions").path(name);
    }

    private static Set<String> names(JsonNode properties) {
        Set<String> names = new TreeSet<>();
        properties.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
