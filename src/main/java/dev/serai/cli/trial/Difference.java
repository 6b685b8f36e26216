package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where two JSON values differ, one line for each place. */
final class Difference {
    private static final Set<String> NAMED_ONLY = Set.of("headers");
    private static final Set<String> TEXTS = Set.of("key", "id", "version");
    private static final int CHARS_MAX = 300;

    private final List<String> lines = new ArrayList<>();

    private Difference() {}

    /** The fields that are expected; of headers those that are named, of a body all. */
    static List<String> ofNamed(String path, JsonNode expected, JsonNode actual) {
        Difference difference = new Difference();
        difference.named(path, expected, actual);
        return difference.lines;
    }

    /** All that differs. */
    static List<String> of(String path, JsonNode expected, JsonNode actual) {
        Difference difference = new Difference();
        difference.compare(path, expected, actual);
        return difference.lines;
    }

    private void named(String path, JsonNode expected, JsonNode actual) {
        for (Iterator<String> names = expected.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            JsonNode wanted = expected.get(name);
            String at = path + "." + name;
            if (NAMED_ONLY.contains(name)) {
                headers(at, wanted, actual.path(name));
            } else if (name.equals("body")) {
                compare(at, wanted, actual.path(name));
            } else {
                text(at, wanted, actual.path(name), TEXTS.contains(name));
            }
        }
    }

    /** In a change they are texts; in YAML they may look like numbers. */
    private void text(String path, JsonNode expected, JsonNode actual, boolean mayBeNull) {
        boolean isSame = expected.isNull() && mayBeNull
                ? actual.isNull() || actual.isMissingNode()
                : expected.asText().equals(actual.asText()) && !actual.isNull() && !actual.isMissingNode();
        if (!isSame) {
            lines.add(path + ": expected " + shown(expected) + ", got " + shown(actual));
        }
    }

    private void headers(String path, JsonNode expected, JsonNode actual) {
        expected.fieldNames().forEachRemaining(name -> {
            JsonNode found = null;
            for (Iterator<String> names = actual.fieldNames(); names.hasNext(); ) {
                String other = names.next();
                found = other.equalsIgnoreCase(name) ? actual.get(other) : found;
            }
            JsonNode wanted = expected.get(name);
            if (found == null
                    ? !wanted.isNull()
                    : wanted.isNull() || !wanted.asText().equals(found.asText())) {
                lines.add(path + "." + name + ": expected " + (wanted.isNull() ? "none" : shown(wanted)) + ", got "
                        + (found == null ? "none" : shown(found)));
            }
        });
    }

    private void compare(String path, JsonNode expected, JsonNode actual) {
        if (expected.isObject() && actual.isObject()) {
            Set<String> names = new TreeSet<>();
            expected.fieldNames().forEachRemaining(names::add);
            actual.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                member(path + "." + name, expected.get(name), actual.get(name));
            }
        } else if (expected.isArray() && actual.isArray()) {
            for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
                member(path + "[" + i + "]", expected.get(i), actual.get(i));
            }
        } else if (!isSame(expected, actual)) {
            lines.add(path + ": expected " + shown(expected) + ", got " + shown(actual));
        }
    }

    private void member(String path, @Nullable JsonNode expected, @Nullable JsonNode actual) {
        if (expected == null) {
            lines.add(path + ": not expected, got " + shown(actual));
        } else if (actual == null) {
            lines.add(path + ": expected " + shown(expected) + ", got nothing");
        } else {
            compare(path, expected, actual);
        }
    }

    private static boolean isSame(JsonNode expected, JsonNode actual) {
        if (expected.isNumber() && actual.isNumber()) {
            return expected.decimalValue().compareTo(actual.decimalValue()) == 0;
        }
        if (expected.isTextual() && actual.isTextual()) { // YAML ends a block of text with a line end
            return expected.textValue()
                    .stripTrailing()
                    .equals(actual.textValue().stripTrailing());
        }
        return expected.equals(actual) || (expected.isNull() && actual.isMissingNode());
    }

    private static String shown(@Nullable JsonNode value) {
        String text = value == null || value.isMissingNode() ? "nothing" : value.toString();
        return text.length() > CHARS_MAX ? text.substring(0, CHARS_MAX) + "…" : text;
    }
}
