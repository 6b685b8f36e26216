package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.admin.ApiDocument.Operation;
import dev.serai.support.CapturedLog;
import dev.serai.text.LogText;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input for each operation of the OpenAPI document: a problem that says so, and nothing else. */
class ApiBadInputTest {
    /** A backup is none yet, and no route delivers, so that there is nothing to foretell. */
    private static final Set<String> NOT_READ = Set.of("/api/backup", "/api/forecast/{flow}/{target}");

    private static final String LONG = "k".repeat(10_000);
    /** As they are after decoding. */
    private static final List<String> HOSTILE = List.of(
            "a\u0000b",
            "\u001b[2J\u009b31m",
            "\u202egnp.exe\u2066\u200b",
            "\"'><script>alert(1)</script>",
            "a\r\nX-Injected: 1\r\n\r\n{}",
            "../../../etc/passwd",
            "%s%n${jndi:ldap://127.0.0.1/a}' OR 1=1 --",
            "\ud83d\ude00\ufffe\ue000");
    /** In an address: not UTF-8, and half of a pair. */
    private static final String NOT_TEXT = "%ff%fe%ed%a0%80";

    private static final List<String> NO_NUMBERS = List.of("-1", "99999999999999999999", "1e3", "0x10", "many", "1.5");
    private static final List<String> NO_TIMES = List.of(
            "not-a-date",
            "2026-01-31",
            "2026-13-01T00:00:00Z",
            "9999999-01-01T00:00:00Z",
            "+9999999-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "0");
    /** As JSON. */
    private static final List<String> NO_FIELDS = List.of(
            "-1",
            "1.5",
            "99999999999999999999",
            "1e400000000",
            "\"not-a-date\"",
            "\"+9999999-01-01T00:00:00Z\"",
            "{}",
            "[]",
            "[null]",
            "[{\"a\":1}]",
            "true",
            "null",
            "\"\\ud800\"",
            "[\"\\ud800\"]");

    @TempDir
    Path folder;

    private final ObjectMapper json = new ObjectMapper();
    private final ApiDocument document = new ApiDocument();
    private AdminStage stage;
    private CapturedLog errors;

    ApiBadInputTest() throws Exception {}

    @BeforeEach
    void start() throws Exception {
        stage = new AdminStage(folder);
        errors = new CapturedLog(AdminReplies.class);
    }

    @AfterEach
    void stop() {
        assertThat(errors.lines()).as("failures of the server").isEmpty();
        errors.close();
        stage.close();
    }

    @Test
    void aPathInAnotherSpellingIsNotServed() throws Exception {
        for (Operation operation : document.operations()) {
            String path = operation.examplePath();
            int last = path.lastIndexOf('/');
            String before = path.substring(0, last);
            String end = path.substring(last + 1);
            String first = path.substring(0, path.indexOf('/', 1));
            for (String other : List.of(
                    "/" + path,
                    before + "//" + end,
                    path + "/",
                    path + "//",
                    path + ";x=y",
                    before + ";x=y/" + end,
                    before + "/." + "/" + end,
                    before + "/x/../" + end,
                    before + "/x/%2e%2e/" + end,
                    before + "/%2E/" + end,
                    path + "/..;/" + end,
                    before + "%2F" + end,
                    before + "%2f" + end,
                    first.toUpperCase(Locale.ROOT) + path.substring(first.length()),
                    "/observe/health/../.." + path,
                    path + "%00",
                    path + "%0d%0aX-Injected:%201")) {
                HttpResponse<String> answer = send(operation, other, "");
                assertThat(answer.statusCode())
                        .as(operation.method() + " " + other)
                        .isBetween(400, 499);
                assertThat(stage.send(operation.method(), other, "", null).statusCode())
                        .as("without a token: " + operation.method() + " " + other)
                        .isEqualTo(401);
            }
        }
        assertNothingChanged();
    }

    @Test
    void aTokenInTheAddressIsNeverAccepted() throws Exception {
        for (Operation operation : document.operations()) {
            for (String name : List.of("token", "access_token", "Access_Token", "%74oken")) {
                String path = operation.examplePath() + "?a=b&" + name + "=" + stage.operate;
                HttpResponse<String> alone = stage.send(operation.method(), path, "", null);
                assertThat(alone.statusCode()).as(path).isEqualTo(operation.isOpen() ? 400 : 401);
                assertTold(operation, path, alone);
                HttpResponse<String> both = send(operation, path, "");
                assertThat(both.statusCode()).as(path).isEqualTo(400);
                assertTold(operation, path, both);
            }
        }
    }

    private void assertTold(Operation operation, String path, HttpResponse<String> answer) {
        if (!operation.method().equals("HEAD")) {
            assertThat(answer.body())
                    .as(path)
                    .contains("send it in the header", "Authorization: Bearer")
                    .doesNotContain(stage.operate);
        }
    }

    @Test
    void aQueryParameterThatIsNotInTheDocumentIsRefused() throws Exception {
        for (Operation operation : document.operations()) {
            if (operation.path().startsWith("/api/")) {
                String body = example(operation).toString();
                for (String name : List.of("nonsense", "%1b%5b2J", "%e2%80%ae", "%0d%0aX-Injected:1", "%ff")) {
                    HttpResponse<String> answer = send(operation, operation.examplePath() + "?" + name + "=1", body);
                    assertThat(answer.statusCode())
                            .as(operation.name() + " " + name)
                            .isEqualTo(400);
                }
            }
        }
        assertNothingChanged();
    }

    @Test
    void aValueInTheAddressThatCannotBeMeantIsRefused() throws Exception {
        for (Operation operation : document.operations()) {
            for (JsonNode parameter : operation.parametersIn("query")) {
                String path =
                        operation.examplePath() + "?" + parameter.path("name").asText() + "=";
                JsonNode schema = document.resolved(parameter.path("schema"));
                JsonNode one =
                        document.resolved(schema.path("type").asText().equals("array") ? schema.path("items") : schema);
                for (String value : wrong(one)) {
                    assertThat(send(operation, path + encoded(value), "").statusCode())
                            .as(path + value)
                            .isEqualTo(400);
                }
                for (String value : hostile()) {
                    send(operation, path + value, "");
                }
                assertThat(send(operation, path + LONG, "").statusCode())
                        .as(path)
                        .isEqualTo(414);
            }
            for (JsonNode parameter : operation.parametersIn("path")) {
                String body = example(operation).toString();
                JsonNode schema = document.resolved(parameter.path("schema"));
                List<String> values = new ArrayList<>(hostile());
                wrong(schema).forEach(value -> values.add(encoded(value)));
                values.add(LONG);
                for (String value : values) {
                    String path = Operation.with(operation.path(), parameter, value);
                    for (JsonNode other : operation.parametersIn("path")) {
                        path = Operation.with(path, other, other.path("example").asText());
                    }
                    String sent = value.equals(LONG) ? "" : body; // what comes after such a path is not read
                    assertThat(send(operation, path, sent).statusCode())
                            .as(path)
                            .isBetween(400, 499);
                }
            }
        }
        assertNothingChanged();
    }

    @Test
    void aBodyThatCannotBeMeantIsRefused() throws Exception {
        Set<JsonNode> bodies = new HashSet<>();
        List<Operation> operations = new ArrayList<>(document.operations());
        operations.sort(
                Comparator.comparing(operation -> operation.method().equals("DELETE"))); // last, since others need it
        for (Operation operation : operations) {
            JsonNode takes = document.takes(operation);
            if (takes.isMissingNode()) {
                continue;
            }
            String path = operation.examplePath();
            for (String body : List.of(
                    "{",
                    "[]",
                    "null",
                    "1",
                    "\"a\"",
                    "{}x",
                    "{\"a\":1,\"a\":2}",
                    "\u0000",
                    "[".repeat(20_000),
                    "{\"nonsense\":1}")) {
                assertThat(send(operation, path, body).statusCode())
                        .as(operation.name() + " " + body)
                        .isEqualTo(400);
            }
            assertThat(send(operation, path, "{\"reason\":\"" + "x".repeat(70_000) + "\"}")
                            .statusCode())
                    .as(operation.name())
                    .isEqualTo(413);
            String hostile = json.writeValueAsString(String.join(" ", HOSTILE));
            List<String> values = new ArrayList<>(List.of(hostile, "[" + hostile + "]", '"' + LONG + '"', "{}"));
            if (bodies.add(operation.node().path("requestBody"))) { // others read an equal one with the same code
                values.addAll(NO_FIELDS);
            }
            Iterable<String> fields =
                    () -> document.fields(takes.path("schema")).fieldNames();
            for (String field : fields) {
                for (String value : values) {
                    ObjectNode others = example(operation).deepCopy();
                    others.remove(field);
                    String body = "{\"" + field + "\":" + value
                            + (others.isEmpty() ? "}" : "," + others.toString().substring(1));
                    send(operation, path, body);
                }
            }
        }
        assertListsAreClean();
    }

    @Test
    void whatIsKeptOfHostileInputIsShownWithoutControlCharacters() throws Exception {
        for (String value : HOSTILE) {
            String text = json.writeValueAsString(value);
            send("POST /api/retry", "", "{\"target\":\"erp\",\"error\":" + text + ",\"reason\":" + text + "}");
            send("POST /api/retry", "", "{\"keys\":[" + text + ",\"\\ud800\"],\"reason\":\"\\ud800\"}");
            send("POST /api/targets/{flow}/{target}/pause", "", "{\"reason\":" + text + "}");
            send("PUT /api/cursors/{name}", "", "{\"value\":" + text + "}");
            send(
                    "POST /api/dead/replay",
                    "",
                    "{\"error\":\"unavailable\",\"keys\":[" + text + ",\"A-1\"],\"reason\":" + text + "}");
            send("POST /api/skip", "", "{\"target\":\"erp\",\"reason\":" + text + "}");
        }
        assertListsAreClean();
        HttpResponse<String> cursors = send("GET /api/cursors", "", "");
        assertThat(json.readTree(cursors.body()).path(0).path("value").asText())
                .as("escaped, and not changed")
                .isEqualTo(HOSTILE.get(HOSTILE.size() - 1));
    }

    private HttpResponse<String> send(String operation, String query, String body) throws Exception {
        Operation one = document.operation(operation);
        return send(one, one.examplePath() + query, body);
    }

    /** Sends it with a token that may do all, and checks what is true of each answer. */
    private HttpResponse<String> send(Operation operation, String path, String body) throws Exception {
        HttpResponse<String> answer = stage.send(operation.method(), path, body, stage.operate);
        String what = operation.method() + " " + start(path) + " " + start(body) + " → " + answer.statusCode() + " "
                + start(answer.body());
        assertThat(answer.statusCode()).as(what).isNotIn(500, 501, 502, 503);
        if (answer.statusCode() >= 400 && !operation.method().equals("HEAD")) {
            String type = answer.headers().firstValue("Content-Type").orElse("none");
            assertThat(type).as(what).isEqualTo("application/problem+json");
            JsonNode problem = json.readTree(answer.body());
            assertThat(document.problemFaults(answer.body())).as(what).isEmpty();
            assertThat(problem.path("status").asInt()).as(what).isEqualTo(answer.statusCode());
            assertThat(problem.path("detail").asText()).as(what).isNotBlank();
        }
        assertThat(answer.body()).as(what).doesNotContain("Exception", "\tat ", "dev.serai", "java.");
        assertClean(what, answer);
        return answer;
    }

    private static void assertClean(String what, HttpResponse<String> answer) {
        assertThat(answer.body().codePoints().filter(c -> c != '\n' && LogText.isUnsafe(c)))
                .as(what)
                .isEmpty();
        assertThat(answer.headers().map()).as(what).doesNotContainKeys("x-injected", "X-Injected");
    }

    private static String start(String text) {
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    private ObjectNode example(Operation operation) {
        JsonNode example = document.takes(operation).path("example");
        return example instanceof ObjectNode object ? object : json.createObjectNode();
    }

    /** For an address. */
    private static List<String> hostile() {
        return List.of(encoded(String.join(" ", HOSTILE)), NOT_TEXT);
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What a parameter with this schema cannot be. */
    private static List<String> wrong(JsonNode schema) {
        List<String> wrong = new ArrayList<>();
        if (schema.path("type").asText().equals("integer")) {
            wrong.addAll(NO_NUMBERS);
            wrong.add(String.valueOf(schema.path("minimum").asLong() - 1));
            if (schema.has("maximum")) {
                wrong.add(String.valueOf(schema.path("maximum").asLong() + 1));
                wrong.add("99999999999");
            }
        } else if (schema.path("format").asText().equals("date-time")) {
            wrong.addAll(NO_TIMES);
        } else if (schema.has("enum")) {
            wrong.add("nonsense");
        }
        return wrong;
    }

    private void assertNothingChanged() throws Exception {
        assertThat(json.readTree(send("GET /api/log", "", "").body())).isEmpty();
        assertListsAreClean();
    }

    private void assertListsAreClean() throws Exception {
        for (Operation operation : document.operations()) {
            if (operation.method().equals("GET") && !NOT_READ.contains(operation.path())) {
                HttpResponse<String> answer = stage.send("GET", operation.examplePath(), "", stage.operate);
                assertThat(answer.statusCode()).as(operation.name()).isEqualTo(200);
                String type = answer.headers().firstValue("Content-Type").orElse("none");
                assertThat(document.faults(operation, 200, type, answer.body()))
                        .as(operation.name())
                        .isEmpty();
                assertClean(operation.name(), answer);
            }
        }
    }
}
