package dev.serai.node.mistake;

import dev.serai.text.NearestName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Says in plain words what the parser of YAML, or Camel's reader of its tree, did not understand. */
public final class YamlMistake {
    private static final Pattern COLON_IN_VALUE = Pattern.compile("\\s*(- )?[\\w.]+: +[^\"'{\\[#|>].*: .*");
    private static final Pattern UNQUOTED_PLACEHOLDER = Pattern.compile("(^|.*[:\\[,-]\\s+)\\{\\{.*");
    private static final Pattern STEP = Pattern.compile("Unknown node id: (\\S+)");
    private static final Pattern FIELD = Pattern.compile("Unsupported field: (\\S+)");
    private static final Pattern TYPE = Pattern.compile("Node type (\\S+) is invalid, expected (\\S+)");
    private static final Pattern KEY = Pattern.compile("^[\\s-]*([\\w-]+):.*");
    private static final Pattern INLINE = Pattern.compile(".*?([\\w-]+):\\s*\\{.*");

    static final String UNQUOTED = "a value that begins with {{ has to stand in quotes: \"{{name}}\"";

    private final List<String> lines;
    private final MarkedYamlEngineException failure;
    private final String problem;
    private int line;

    private YamlMistake(Path file, MarkedYamlEngineException failure, Throwable root) {
        this.lines = TextPlace.lines(file);
        this.failure = failure;
        this.problem = String.valueOf(
                root == failure && failure.getProblem() != null ? failure.getProblem() : root.getMessage());
        this.line = line(failure);
    }

    /** @param root why it failed, which may be the failure itself */
    static Mistake of(Path file, MarkedYamlEngineException failure, Throwable root) {
        YamlMistake mistake = new YamlMistake(file, failure, root);
        int placeholder = mistake.mayBePlaceholder() ? unquotedPlaceholder(mistake.lines) : 0;
        if (placeholder > 0) {
            return new Mistake(file + ":" + placeholder, UNQUOTED);
        }
        String reason = mistake.reason(); // which finds the line more exactly
        return new Mistake(mistake.line > 0 ? file + ":" + mistake.line : file.toString(), reason);
    }

    /** File, line and reason of what cannot be read as YAML. */
    public static String line(Path file, MarkedYamlEngineException failure) {
        return of(file, failure, failure).line();
    }

    /** What was not ended is to be mended where it begins. */
    private static int line(MarkedYamlEngineException failure) {
        Optional<Mark> mark = isUnended(failure) ? failure.getContextMark() : failure.getProblemMark();
        return mark.or(failure::getContextMark)
                .map(place -> place.getLine() + 1)
                .orElse(0);
    }

    private static boolean isUnended(MarkedYamlEngineException failure) {
        String problem = String.valueOf(failure.getProblem());
        return problem.contains("unexpected end of stream") || problem.contains("expected ',' or");
    }

    private boolean mayBePlaceholder() {
        return problem.contains("Non scalar key") || problem.contains("flow mapping");
    }

    /** The number of the line; 0 if there is none. */
    static int unquotedPlaceholder(List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            if (UNQUOTED_PLACEHOLDER.matcher(lines.get(i)).matches()) {
                return i + 1;
            }
        }
        return 0;
    }

    private String reason() {
        String context = String.valueOf(failure.getContext());
        Matcher step = STEP.matcher(problem);
        if (step.find()) {
            return unknownStep(step.group(1));
        }
        Matcher field = FIELD.matcher(problem);
        if (field.find()) {
            return unknownField(field.group(1));
        }
        Matcher type = TYPE.matcher(problem);
        if (type.find()) {
            return wrongType(type.group(1), type.group(2));
        }
        if (problem.contains("\\t") || at(line).matches("\\s*\t.*")) {
            return "the line is indented with a tab: use spaces";
        }
        if (context.contains("quoted scalar")) {
            return "the quote that begins here is not closed";
        }
        if (context.contains("flow sequence")) {
            return "the [ that begins here is not closed: add ], or put the value in quotes";
        }
        if (context.contains("flow mapping")) {
            return "the { that begins here is not closed: add }, or put the value in quotes";
        }
        return layout(context);
    }

    private String layout(String context) {
        if (problem.contains("mapping values are not allowed")
                && COLON_IN_VALUE.matcher(at(line)).matches()) {
            return "the value has a colon with a space behind it, so it has to stand in quotes";
        }
        if (problem.contains("mapping values are not allowed")
                && at(line - 1).strip().matches("[\\w.-]+ [^:#]+")) {
            return "the line above has no colon: it has to be NAME: VALUE";
        }
        if (problem.contains("mapping values are not allowed")
                || problem.contains("expected <block end>")
                || context.contains("parsing a block")) {
            return "the indentation does not fit the lines above: names that belong together begin in the same column";
        }
        if (problem.contains("could not find expected ':'")) {
            return "the line is not NAME: VALUE; a colon or a quote is missing in it or in the line above";
        }
        if (problem.contains("Unable to find constructor")) {
            return "a step has to be NAME: VALUE, as in - to: ledger:orders";
        }
        if (problem.contains("ri is mandatory") || problem.contains("uri must be specified")) {
            return parent() + " has no uri, which names the component and what it is about, as in uri: ledger:orders";
        }
        if (problem.contains("Unsupported definition")) {
            return "the step has no expression: add one, as in jq: .id or simple: ${body}";
        }
        return problem.replaceAll("\\s+", " ") + (context.equals("null") ? "" : " (" + context.strip() + ")");
    }

    private String unknownStep(String name) {
        DslNames names = DslNames.read();
        boolean isRoot = at(line).startsWith("- ");
        Set<String> known = isRoot ? names.roots() : names.steps();
        return (isRoot ? "a file of routes has no " + name : "there is no step " + name) + NearestName.hint(name, known)
                + ": there are " + String.join(", ", known);
    }

    private String unknownField(String name) {
        line = lineOf(name);
        String parent = parent();
        Set<String> known = DslNames.read().fields(parent);
        if (known.isEmpty()) {
            return "there is no " + name + " here";
        }
        String near = NearestName.hint(name, known);
        boolean maybeParameter = near.isEmpty() && known.contains("parameters");
        return parent + " has no " + name + near + ": it takes " + String.join(", ", known)
                + (maybeParameter ? "; what the endpoint takes belongs under parameters:" : "");
    }

    private String wrongType(String given, String expected) {
        // Camel points at the value, which may begin in a line of its own.
        if (at(line).matches("\\s{" + column() + "}\\S.*")) {
            line = Math.max(1, parentLine());
        }
        String name = keyOf(at(line)) == null ? "it" : String.valueOf(keyOf(at(line)));
        if (expected.equals("array")) {
            return given.equals("map")
                    ? name + " has to be a list: begin each part of it with - "
                    : name + " is empty: it has to be a list, each part of which begins with - ";
        }
        if (given.equals("array")) {
            return name + " has to have names and values (NAME: VALUE), and is a list: leave out the - ";
        }
        return name + " has to have names and values (NAME: VALUE) below it";
    }

    // ---- The text

    private String at(int number) {
        return number < 1 || number > lines.size() ? "" : lines.get(number - 1);
    }

    private static @Nullable String keyOf(String text) {
        Matcher key = KEY.matcher(text);
        return key.matches() ? key.group(1) : null;
    }

    private int column() {
        return failure.getProblemMark().map(Mark::getColumn).orElse(0);
    }

    /** The nearest line upwards that gives the name a value. */
    private int lineOf(String name) {
        for (int i = line; i >= 1; i--) {
            if (at(i).matches(".*(^|[\\s{,-])[\"']?" + Pattern.quote(name) + "[\"']?\\s*:.*")) {
                return i;
            }
        }
        return line;
    }

    /** The name under which the line stands. */
    private String parent() {
        Matcher inline = INLINE.matcher(at(line));
        if (inline.matches()) {
            return inline.group(1);
        }
        String above = keyOf(at(parentLine()));
        String own = keyOf(at(line));
        return above != null ? above : own == null ? "the step" : own;
    }

    /** 0 if the line stands under none. */
    private int parentLine() {
        int indent = indent(at(line));
        for (int i = line - 1; i >= 1; i--) {
            String text = at(i);
            if (!text.isBlank() && !text.strip().startsWith("#") && indent(text) < indent && keyOf(text) != null) {
                return i;
            }
        }
        return 0;
    }

    /** Where the name in a line begins. */
    private static int indent(String text) {
        return text.length() - text.replaceFirst("^[\\s-]+", "").length();
    }
}
