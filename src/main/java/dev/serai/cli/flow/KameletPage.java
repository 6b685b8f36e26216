package dev.serai.cli.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.text.TerminalText;
import dev.serai.text.ExactJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a Kamelet's file says, for a terminal of 100 columns. */
record KameletPage(WrittenKamelet kamelet) {
    static final int COLUMNS = 100;
    private static final String INDENT = "  ";

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(kamelet.name() + (kamelet.kind().isEmpty() ? "" : ", a " + kamelet.kind()));
        lines.addAll(wrap(kamelet.summary(), COLUMNS));
        lines.add("");
        lines.addAll(wrap(kamelet.description(), COLUMNS));
        lines.add("");
        lines.add("PARAMETERS");
        for (WrittenKamelet.DeclaredParameter parameter : kamelet.parameters()) {
            lines.add(INDENT + parameter.name() + facts(parameter));
            wrap(parameter.description(), COLUMNS - 2 * INDENT.length())
                    .forEach(line -> lines.add(INDENT + INDENT + line));
        }
        lines.add("");
        lines.add("EXAMPLE");
        lines.addAll(example());
        return lines;
    }

    /** What stands behind its name. */
    private String facts(WrittenKamelet.DeclaredParameter parameter) {
        List<String> facts = new ArrayList<>();
        if (kamelet.required().contains(parameter.name())) {
            facts.add("required");
        }
        facts.add(parameter.format().isEmpty() ? parameter.type() : parameter.format());
        if (!parameter.allowed().isEmpty()) {
            facts.add(String.join("|", parameter.allowed()));
        }
        String byDefault = parameter.byDefault();
        if (byDefault != null && !byDefault.isEmpty()) {
            facts.add("default " + byDefault);
        }
        if (!parameter.example().isEmpty()) {
            facts.add("such as " + parameter.example());
        }
        facts.removeIf(String::isEmpty);
        return facts.isEmpty() ? "" : " (" + String.join(", ", facts) + ")";
    }

    /** With what must be set. */
    private List<String> example() {
        boolean isSource = kamelet.kind().equals("source");
        List<String> lines = new ArrayList<>();
        String deep = isSource ? "      " : "    ";
        if (isSource) {
            lines.add("- route:");
            lines.add("    from:");
        } else {
            lines.add("- to:");
        }
        lines.add(deep + "uri: kamelet:" + kamelet.name());
        List<WrittenKamelet.DeclaredParameter> shown = kamelet.parameters().stream()
                .filter(parameter -> kamelet.required().contains(parameter.name()))
                .toList();
        if (!shown.isEmpty()) {
            lines.add(deep + "parameters:");
            shown.forEach(parameter -> lines.add(deep + INDENT + parameter.name() + ": " + value(parameter)));
        }
        if (isSource) {
            lines.add(deep + "steps:");
            lines.add(deep + INDENT + "- to: { uri: \"ledger:orders\", parameters: { key: \"${jq(.id)}\" } }");
        }
        return lines.stream().map(line -> INDENT + line).toList();
    }

    private String value(WrittenKamelet.DeclaredParameter parameter) {
        if (parameter.format().equals("password")) {
            return "\"{{orders." + parameter.name() + "}}\"";
        }
        String value = !parameter.example().isEmpty()
                ? parameter.example()
                : parameter.allowed().isEmpty() ? "" : parameter.allowed().get(0);
        if (value.isEmpty()) {
            return parameter.type().equals("integer")
                    ? "9000"
                    : parameter.name().toUpperCase(Locale.ROOT);
        }
        return value.matches("[\\w./-]+|[a-z]+:[^{}\"# ]+") ? value : "'" + value.replace("'", "''") + "'";
    }

    /** A text in lines of at most so many columns, broken between words. */
    static List<String> wrap(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (!line.isEmpty() && TerminalText.width(line + " " + word) > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    static ObjectNode json(WrittenKamelet kamelet) {
        ObjectNode page = ExactJson.MAPPER.createObjectNode();
        page.put("name", kamelet.name())
                .put("kind", kamelet.kind())
                .put("title", kamelet.title())
                .put("summary", kamelet.summary())
                .put("description", kamelet.description());
        for (WrittenKamelet.DeclaredParameter parameter : kamelet.parameters()) {
            ObjectNode one = page.withArray("parameters").addObject();
            one.put("name", parameter.name())
                    .put("required", kamelet.required().contains(parameter.name()))
                    .put("type", parameter.type())
                    .put("format", parameter.format())
                    .put("default", parameter.byDefault())
                    .put("description", parameter.description())
                    .put("example", parameter.example());
            parameter.allowed().forEach(one.withArray("enum")::add);
        }
        return page;
    }
}
