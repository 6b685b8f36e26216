package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.node.mistake.YamlMistake;
import dev.serai.node.trial.MessageView;
import dev.serai.node.trial.RouteTrial;
import dev.serai.text.ExactJson;
import dev.serai.text.YamlFields;
import dev.serai.text.YamlValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a {@code *.test.yaml}, and tells all mistakes in it with their lines.
 *
 * <p>Threads: one thread.
 */
final class TestFile {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final long BYTES_MAX = 16 << 20;

    private static final Set<String> OF_FILE = Set.of("tests", "clock");
    private static final Set<String> OF_TEST = Set.of(
            "name",
            "flow",
            "route",
            "target",
            "clock",
            "given",
            "change",
            "changes",
            "request",
            "requests",
            "refused",
            "error",
            "filtered");
    private static final Set<String> OF_GIVEN =
            Set.of("headers", "body", "bodyFile", "id", "key", "version", "operation");
    private static final Set<String> OF_CHANGE =
            Set.of("flow", "key", "id", "version", "operation", "contentType", "headers", "body");
    private static final Set<String> OF_REQUEST = Set.of("target", "method", "url", "headers", "body");
    /** Given beside the body, they are headers. */
    private static final Map<String, String> LEDGER_HEADERS = Map.of(
            "id", RouteTrial.idHeader(),
            "key", "CamelLedgerKey",
            "version", "CamelLedgerVersion",
            "operation", "CamelLedgerOperation");

    private final Path file;
    private final YamlFields shapes;
    private final List<TestCase> tests = new ArrayList<>();

    private TestFile(Path file) {
        this.file = file;
        this.shapes = new YamlFields(file);
    }

    static TestFile read(Path file) {
        TestFile read = new TestFile(file);
        read.read();
        return read;
    }

    List<TestCase> tests() {
        return tests;
    }

    /** One line for each, with file and line. */
    List<String> mistakes() {
        return shapes.mistakes();
    }

    private void read() {
        try {
            if (Files.size(file) > BYTES_MAX) {
                shapes.mistake(0, "is larger than " + (BYTES_MAX >> 20) + " MiB; is it a file of tests?");
                return;
            }
            YamlValue root = YamlValue.read(Files.readString(file));
            if (root == null || root.fields() == null || !root.fields().containsKey("tests")) {
                shapes.mistake(0, "has no tests: it begins with tests:, and below it each begins with - name:");
                return;
            }
            shapes.refuseUnknown(root, OF_FILE, "a file of tests");
            Instant now = clock(root.fields(), NOW);
            YamlValue list = root.fields().get("tests");
            if (list == null || list.items() == null) {
                shapes.mistake(list == null ? 0 : list.line(), "tests has to be a list: each test begins with - name:");
                return;
            }
            list.items().forEach(test -> test(test, now));
        } catch (MarkedYamlEngineException e) {
            shapes.mistakes().add(YamlMistake.line(file, e));
        } catch (YamlEngineException e) {
            shapes.mistake(0, "cannot be read as YAML: " + e.getMessage());
        } catch (YamlValue.BadYamlException e) {
            shapes.mistake(e.line(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            shapes.mistake(0, "cannot be read: " + (Files.exists(file) ? e.toString() : "the file does not exist"));
        }
    }

    // ---- A test

    private void test(YamlValue test, Instant fileNow) {
        Map<String, YamlValue> fields = shapes.map(test, "a test");
        if (fields == null) {
            return;
        }
        int before = shapes.mistakes().size();
        shapes.refuseUnknown(test, OF_TEST, "a test");
        String title = shapes.text(fields, "name");
        if (title == null) {
            shapes.mistake(test.line(), "the test has no name");
        }
        List<TestCase.Subject> subjects = new ArrayList<>();
        for (TestCase.Subject subject : TestCase.Subject.values()) {
            if (fields.containsKey(field(subject))) {
                subjects.add(subject);
            }
        }
        if (subjects.size() != 1) {
            shapes.mistake(
                    test.line(),
                    "the test has to name one of flow, route and target, and has "
                            + (subjects.isEmpty() ? "none" : "several") + " of them");
            return;
        }
        String name = shapes.text(fields, field(subjects.get(0)));
        Map<String, String> headers = new LinkedHashMap<>();
        byte[] body = given(test, fields.get("given"), headers);
        TestCase.Expected expected = expected(test, fields);
        Instant now = clock(fields, fileNow);
        if (shapes.mistakes().size() == before && title != null && name != null) {
            tests.add(
                    new TestCase(file + ":" + test.line(), title, subjects.get(0), name, now, headers, body, expected));
        }
    }

    private static String field(TestCase.Subject subject) {
        return subject.name().toLowerCase(Locale.ROOT);
    }

    private Instant clock(Map<String, YamlValue> fields, Instant otherwise) {
        String text = shapes.text(fields, "clock");
        if (text == null) {
            return otherwise;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            shapes.mistake(
                    YamlFields.line(fields, "clock"),
                    "clock has to be a time such as 2026-01-01T00:00:00Z, not " + text);
            return otherwise;
        }
    }

    // ---- Given

    private byte[] given(YamlValue test, @Nullable YamlValue given, Map<String, String> headers) {
        if (given == null) {
            shapes.mistake(test.line(), "the test has nothing given: add given: with a body or a bodyFile");
            return new byte[0];
        }
        Map<String, YamlValue> fields = shapes.map(given, "given");
        if (fields == null) {
            return new byte[0];
        }
        shapes.refuseUnknown(given, OF_GIVEN, "given");
        LEDGER_HEADERS.forEach((field, header) -> {
            String value = shapes.text(fields, field);
            if (value != null) {
                headers.put(header, value);
            }
        });
        YamlValue more = fields.get("headers");
        Map<String, YamlValue> named = more == null ? null : shapes.map(more, "headers");
        if (named != null) {
            for (String name : named.keySet()) {
                String value = shapes.text(named, name);
                if (value != null) {
                    headers.put(name, value);
                }
            }
        }
        byte[] body = body(given, fields);
        if (headers.keySet().stream().noneMatch("Content-Type"::equalsIgnoreCase)
                && MessageView.json(body).isContainerNode()) {
            headers.put("Content-Type", "application/json");
        }
        return body;
    }

    private byte[] body(YamlValue given, Map<String, YamlValue> fields) {
        YamlValue body = fields.get("body");
        String name = shapes.text(fields, "bodyFile");
        if (body != null && name != null) {
            shapes.mistake(given.line(), "given has both body and bodyFile");
        }
        try {
            if (name != null) {
                Path folder = file.toAbsolutePath().getParent();
                return Files.readAllBytes(folder == null ? Path.of(name) : folder.resolve(name));
            }
            JsonNode json = body == null ? null : body.json();
            if (json == null || json.isNull()) {
                return new byte[0];
            }
            return json.isTextual()
                    ? json.textValue().getBytes(StandardCharsets.UTF_8)
                    : ExactJson.MAPPER.writeValueAsBytes(json);
        } catch (IOException e) {
            shapes.mistake(
                    YamlFields.line(fields, "bodyFile"),
                    "the file " + name + " cannot be read: it is looked for beside the tests");
            return new byte[0];
        }
    }

    // ---- Expected

    private TestCase.Expected expected(YamlValue test, Map<String, YamlValue> fields) {
        List<JsonNode> changes = list(fields, "change", "changes", OF_CHANGE);
        List<JsonNode> requests = list(fields, "request", "requests", OF_REQUEST);
        Integer refused = status(fields);
        String error = shapes.text(fields, "error");
        YamlValue filtered = fields.get("filtered");
        boolean isFiltered = filtered != null && filtered.json().asBoolean();
        if (filtered != null && !filtered.json().isBoolean()) {
            shapes.mistake(filtered.line(), "filtered has to be true");
        }
        if (changes == null && requests == null && refused == null && error == null && filtered == null) {
            shapes.mistake(test.line(), "the test expects nothing: add change, requests, refused, error or filtered");
        }
        return new TestCase.Expected(changes, requests, refused, error, isFiltered);
    }

    private @Nullable Integer status(Map<String, YamlValue> fields) {
        YamlValue refused = fields.get("refused");
        if (refused == null) {
            return null;
        }
        if (!refused.json().isInt() && !refused.json().isBigInteger()) {
            shapes.mistake(refused.line(), "refused has to be the status that the sender is answered, such as 422");
            return null;
        }
        return refused.json().asInt();
    }

    /** Under the singular there is one, under the plural a list; null if neither is there. */
    private @Nullable List<JsonNode> list(
            Map<String, YamlValue> fields, String one, String several, Set<String> known) {
        YamlValue single = fields.get(one);
        YamlValue list = fields.get(several);
        if (single == null && list == null) {
            return null;
        }
        List<YamlValue> items = single != null ? List.of(single) : list == null ? null : list.items();
        if ((single != null && list != null) || items == null) {
            YamlValue wrong = list == null ? single : list;
            shapes.mistake(
                    wrong == null ? 0 : wrong.line(),
                    several + " has to be a list; a single one can stand under " + one + ": instead");
            return null;
        }
        List<JsonNode> expected = new ArrayList<>();
        for (YamlValue item : items) {
            if (shapes.map(item, "each of " + several) != null) {
                shapes.refuseUnknown(item, known, "a " + one);
                YamlValue headers = item.fields() == null ? null : item.fields().get("headers");
                if (headers != null) {
                    shapes.map(headers, "headers");
                }
            }
            expected.add(item.json());
        }
        return expected;
    }
}
