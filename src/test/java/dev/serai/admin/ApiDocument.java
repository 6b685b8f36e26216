package dev.serai.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.serai.admin.document.OpenApiDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The OpenAPI document as tests read it: its operations, and whether an answer is what it says. */
final class ApiDocument {
    private static final String PLACE = "urn:openapi";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "patch", "head", "options", "trace");
    private static final JsonMapper JSON = new JsonMapper();
    private static final SchemaValidatorsConfig CONFIG =
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

    private final JsonNode root;
    private final JsonSchemaFactory schemas;
    private final Map<JsonNode, JsonSchema> known = new IdentityHashMap<>();

    /** @param node with {@code operationId}, {@code responses} and so on */
    record Operation(String method, String path, JsonNode node, List<JsonNode> parameters) {
        String name() {
            return method + " " + path;
        }

        /** Whether it needs no token. */
        boolean isOpen() {
            return node.has("security") && node.path("security").isEmpty();
        }

        boolean needsOperate() {
            return node.path("responses").has("403");
        }

        /** The path with the examples of its parameters. */
        String examplePath() {
            String example = path;
            for (JsonNode parameter : parametersIn("path")) {
                example = with(example, parameter, parameter.path("example").asText());
            }
            return example;
        }

        static String with(String path, JsonNode parameter, String value) {
            return path.replace("{" + parameter.path("name").asText() + "}", value);
        }

        List<JsonNode> parametersIn(String place) {
            return parameters.stream()
                    .filter(parameter -> parameter.path("in").asText().equals(place))
                    .toList();
        }
    }

    ApiDocument() throws IOException {
        this.root = JSON.readTree(OpenApiDocument.read());
        JsonNode parts = JSON.createObjectNode().set("$defs", root.at("/components/schemas"));
        String text = withPlaces(parts);
        this.schemas = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                it -> it.schemaLoaders(loaders -> loaders.schemas(Map.of(PLACE, text))));
    }

    JsonNode root() {
        return root;
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.path("paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(field -> {
                    if (METHODS.contains(field.getKey())) {
                        List<JsonNode> parameters = new ArrayList<>();
                        path.getValue().path("parameters").forEach(one -> parameters.add(resolved(one)));
                        field.getValue().path("parameters").forEach(one -> parameters.add(resolved(one)));
                        operations.add(new Operation(
                                field.getKey().toUpperCase(Locale.ROOT), path.getKey(), field.getValue(), parameters));
                    }
                }));
        return operations;
    }

    Operation operation(String name) {
        return operations().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The node, or what its reference names. */
    JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asText("");
        return reference.isEmpty() ? node : resolved(root.at(reference.substring(1)));
    }

    /** The JSON that an operation takes; missing if it takes none. */
    JsonNode takes(Operation operation) {
        return resolved(operation.node().path("requestBody")).at("/content/application~1json");
    }

    /** The fields of a schema, also those of the schemas that it consists of. */
    ObjectNode fields(JsonNode schema) {
        ObjectNode fields = JSON.createObjectNode();
        schema = resolved(schema);
        schema.path("allOf").forEach(part -> fields.setAll(fields(part)));
        schema.path("properties").fields().forEachRemaining(one -> fields.set(one.getKey(), resolved(one.getValue())));
        return fields;
    }

    /** What an operation answers with this status; the default if it is not listed. */
    JsonNode answer(Operation operation, int status) {
        JsonNode responses = operation.node().path("responses");
        JsonNode listed = responses.path(String.valueOf(status));
        return resolved(listed.isMissingNode() ? responses.path("default") : listed);
    }

    /** What is wrong with an answer, according to the document; empty if nothing is. */
    Set<String> faults(Operation operation, int status, String contentType, String body) {
        JsonNode content = answer(operation, status).path("content");
        String type = contentType.replaceAll(";.*", "");
        if (operation.method().equals("HEAD") || content.isMissingNode()) {
            return operation.node().path("responses").has(String.valueOf(status))
                    ? Set.of()
                    : Set.of("the status is not in the document");
        }
        if (!content.has(type)) {
            return Set.of("the content type is not in the document: " + contentType);
        }
        return type.endsWith("json") ? faults(content.path(type).path("schema"), body) : Set.of();
    }

    /** What is wrong with a problem. */
    Set<String> problemFaults(String body) {
        return faults(root.at("/components/schemas/Problem"), body);
    }

    private Set<String> faults(JsonNode schema, String body) {
        try {
            return known
                    .computeIfAbsent(schema, one -> schemas.getSchema(absolute(one), CONFIG))
                    .validate(JSON.readTree(body))
                    .stream()
                    .map(ValidationMessage::getMessage)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            return Set.of("this is not JSON: " + e.getMessage());
        }
    }

    /** As text whose references name the place of the schemas. */
    private static String withPlaces(JsonNode schema) {
        return schema.toString().replace("\"$ref\":\"#/components/schemas/", "\"$ref\":\"" + PLACE + "#/$defs/");
    }

    private static JsonNode absolute(JsonNode schema) {
        try {
            return JSON.readTree(withPlaces(schema));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
