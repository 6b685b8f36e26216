package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.access.TokenRole;
import dev.serai.admin.ApiDocument.Operation;
import dev.serai.camel.SourceState;
import dev.serai.ledger.delivery.TargetState;
import dev.serai.ledger.model.DeliveryState;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI document: whether it has what the router has, and whether it is whole and strict. */
class OpenApiDocumentTest {
    @TempDir
    Path folder;

    private final ApiDocument document = new ApiDocument();

    OpenApiDocumentTest() throws Exception {}

    @Test
    void theDocumentHasEveryRouteAndNoOther() throws Exception {
        try (AdminStage stage = new AdminStage(folder)) {
            compare("need a token", stage.server().guardedRoutes(), operation -> !operation.isOpen());
            compare("need no token", stage.server().openRoutes(), Operation::isOpen);
        }
    }

    private void compare(String which, List<Route> routes, Predicate<Operation> documented) {
        Set<String> served = names(routes);
        Set<String> written = document.operations().stream()
                .filter(documented)
                .map(Operation::name)
                .collect(Collectors.toSet());
        assertThat(without(served, written))
                .as("requests that " + which + ", are served, and are missing in openapi.json")
                .isEmpty();
        assertThat(without(written, served))
                .as("requests that " + which + " by openapi.json, and are not served so")
                .isEmpty();
    }

    private static Set<String> names(List<Route> routes) {
        Set<String> names = new TreeSet<>();
        for (Route route : routes) {
            for (HttpMethod method : route.methods() == null ? Set.<HttpMethod>of() : route.methods()) {
                names.add(method + " " + route.getName().replaceAll(":(\\w+)", "{$1}"));
            }
        }
        return names;
    }

    private static Set<String> without(Set<String> some, Set<String> others) {
        Set<String> left = new TreeSet<>(some);
        left.removeAll(others);
        return left;
    }

    @Test
    void itIsServedAsItIsWritten() throws Exception {
        try (AdminStage stage = new AdminStage(folder)) {
            HttpResponse<String> answer = stage.send("GET", "/api/openapi.json", "", stage.view);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(answer.headers().firstValue("ETag")).isEmpty();
            JsonNode served = new ObjectMapper().readTree(answer.body());
            assertThat(served).isEqualTo(document.root());
            assertThat(served.path("openapi").asText()).startsWith("3.1.");
        }
    }

    @Test
    void everyReferenceHasAnAimAndEveryPartIsUsed() {
        Set<String> aims = new TreeSet<>();
        for (JsonNode reference : document.root().findValues("$ref")) {
            assertThat(document.root().at(reference.asText().substring(1)).isMissingNode())
                    .as(reference.asText())
                    .isFalse();
            aims.add(reference.asText());
        }
        for (String kind : List.of("schemas", "parameters", "responses", "requestBodies", "headers")) {
            document.root().at("/components/" + kind).fieldNames().forEachRemaining(name -> assertThat(aims)
                    .as("components that are used")
                    .contains("#/components/" + kind + "/" + name));
        }
    }

    @Test
    void everyOperationIsDescribedWithItsRoleAndItsParameters() {
        Set<String> ids = new TreeSet<>();
        for (Operation operation : document.operations()) {
            String name = operation.name();
            JsonNode node = operation.node();
            assertThat(ids.add(node.path("operationId").asText())).as(name).isTrue();
            assertThat(node.path("summary").asText()).as(name).isNotBlank();
            assertThat(node.path("tags")).as(name).hasSize(1);
            assertThat(node.path("responses").has("401")).as(name).isEqualTo(!operation.isOpen());
            if (!operation.isOpen()) {
                assertThat(operation.needsOperate())
                        .as("%s has an answer 403, for the role that it needs", name)
                        .isEqualTo(TokenRole.neededFor(operation.method()) == TokenRole.OPERATE);
            }
            Set<String> named = operation.parametersIn("path").stream()
                    .map(parameter -> parameter.path("name").asText())
                    .collect(Collectors.toSet());
            assertThat(named)
                    .as(name)
                    .containsExactlyInAnyOrderElementsOf(
                            Arrays.stream(operation.path().split("/"))
                                    .filter(part -> part.startsWith("{"))
                                    .map(part -> part.substring(1, part.length() - 1))
                                    .toList());
            assertThat(operation.parametersIn("path"))
                    .as(name)
                    .allMatch(parameter -> parameter.has("example"), "has an example, for tests");
        }
    }

    /** So that a field which is not in the document is found. */
    @Test
    void noSchemaOfAnObjectIsOpen() {
        List<String> open = new ArrayList<>();
        document.root().at("/components/schemas").fields().forEachRemaining(schema -> {
            JsonNode node = schema.getValue();
            boolean isObject = node.path("type").asText().equals("object") || node.has("allOf");
            if (isObject
                    && !schema.getKey().endsWith("Fields")
                    && !node.has("additionalProperties")
                    && !node.path("unevaluatedProperties").isBoolean()) {
                open.add(schema.getKey());
            }
        });
        assertThat(open).isEmpty();
    }

    @Test
    void aFieldThatIsMissingOrNotInTheDocumentIsFound() {
        Operation cursors = document.operation("GET /api/cursors");
        assertThat(faults(cursors, "[{'name':'a','value':'1','savedAt':'2026-01-31T08:00:00.000Z'}]"))
                .isEmpty();
        assertThat(faults(cursors, "[{'name':'a','value':'1','savedAt':'2026-01-31T08:00:00.000Z','by':'ann'}]"))
                .hasSize(1);
        assertThat(faults(cursors, "[{'name':'a','value':'1'}]")).hasSize(1);
        assertThat(faults(cursors, "[{'name':'a','value':'1','savedAt':'yesterday'}]"))
                .hasSize(1);
        assertThat(faults(cursors, "{}")).hasSize(1);
        Operation changes = document.operation("GET /api/changes");
        String change = "'flow':'a','sequence':1,'id':'b','key':'c','version':null,'operation':'upsert',"
                + "'acceptedAt':'2026-01-31T08:00:00.000Z','deliveries':[]";
        assertThat(faults(changes, "[{" + change + "}]")).isEmpty();
        assertThat(faults(changes, "[{" + change + ",'by':'ann'}]")).hasSize(1);
    }

    private Set<String> faults(Operation operation, String json) {
        return document.faults(operation, 200, "application/json", json.replace('\'', '"'));
    }

    @Test
    void theStatesAreThoseOfTheCode() {
        assertThat(words("DeliveryState"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(DeliveryState.values()).map(StateWord::of).toList());
        assertThat(words("TargetState"))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(TargetState.values())
                        .map(TargetState::word)
                        .toList());
        assertThat(words("SourceState"))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(SourceState.values())
                        .map(SourceState::word)
                        .toList());
        assertThat(words("Operation"))
                .containsExactlyInAnyOrderElementsOf(Stream.of(dev.serai.ledger.model.Operation.values())
                        .map(ApiJson::lower)
                        .toList());
    }

    private List<String> words(String schema) {
        List<String> words = new ArrayList<>();
        document.root().at("/components/schemas/" + schema + "/enum").forEach(word -> words.add(word.asText()));
        return words;
    }
}
