package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.text.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A new flow's file, from a word for its source and one for its sink: an example as it is, or the source of one with the sink of another.
 *
 * @param text of the file, with {@link #NAME} where the flow's name belongs
 * @param properties that it needs, by names with {@link #NAME}; the values may be of {@link FreshValue}
 * @param body that can be sent to it; empty if nothing can
 */
record FlowTemplate(String text, Map<String, String> properties, String body) {
    static final String NAME = "\u0000";

    private static final String TO = "-to-";
    private static final List<String> SINKS = List.of("http", "tcp", "sql", "file", "kafka", "feed");
    private static final List<String> SOURCES =
            List.of("http", "http-sync", "tcp", "tcp-sync", "pull", "sql", "file", "kafka");
    private static final Set<String> PUSHED = Set.of("http", "http-sync", "tcp", "tcp-sync");
    /** What all of the shop's examples receive. */
    private static final String ORDER = "{\"id\": \"o-1\", \"state\": \"paid\", \"amount\": 65, \"updated_at\": 7}";

    /** The words for sources. */
    static List<String> sources() {
        Set<String> words = new LinkedHashSet<>(SOURCES);
        FlowExample.names().stream().filter(name -> !name.contains(TO)).forEach(words::add);
        return List.copyOf(words);
    }

    /** The words for sinks of any source. */
    static List<String> sinks() {
        return SINKS;
    }

    /** The words for sinks of a source. */
    static List<String> sinks(String source) {
        boolean isOne =
                !SOURCES.contains(source) && FlowExample.read(source).row().isEmpty();
        return isOne ? List.of("http") : SINKS;
    }

    /** Throws {@link CliException} that says which words there are, if one is none of them. */
    static FlowTemplate of(String source, String sink) {
        refuse("source", source, sources());
        refuse("sink", sink, SINKS);
        if (!sinks(source).contains(sink)) {
            throw new CliException(ExitCode.USAGE, "what comes from " + source + " goes to http only");
        }
        if (SOURCES.contains(source)) {
            return whole(FlowExample.read(source + TO + sink), PUSHED.contains(source) ? ORDER : "");
        }
        FlowExample platform = FlowExample.read(source);
        return sink.equals("http") ? whole(platform, platform.body()) : joined(source, platform, sink);
    }

    private static void refuse(String what, String word, Collection<String> words) {
        if (words.isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE, "the folder " + FlowExample.FOLDER + " is missing, which has the examples");
        }
        if (!words.contains(word)) {
            throw new CliException(
                    ExitCode.USAGE,
                    "there is no " + what + " " + word + NearestName.hint(word, words) + ": there are "
                            + String.join(", ", words));
        }
    }

    private static FlowTemplate whole(FlowExample example, String body) {
        return named(example.text(), example.properties(), example.flow(), example.flow(), body);
    }

    /** The source of a platform with the sink of the shop's example. */
    private static FlowTemplate joined(String source, FlowExample platform, String sink) {
        FlowExample shop = FlowExample.read("http" + TO + sink);
        List<String> items = new ArrayList<>();
        List<String> out = new ArrayList<>(shop.outgoing());
        if (sink.equals("sql")) {
            // The table has text for the times of any platform.
            out.replaceAll(item -> item.replace("updated_at BIGINT", "updated_at VARCHAR(64)"));
            int last = out.size() - 1;
            out.set(last, withRow(out.get(last), platform.row()));
        }
        out.stream().filter(item -> FlowExample.idOf(item).isEmpty()).forEach(items::add);
        items.addAll(platform.incoming());
        out.stream().filter(item -> !FlowExample.idOf(item).isEmpty()).forEach(items::add);
        String text = "# What comes from " + source + ", to " + sink + ".\n" + String.join("", items);
        Map<String, String> properties = new LinkedHashMap<>(platform.properties());
        properties.putAll(shop.properties());
        properties.keySet().removeIf(name -> !text.contains("{{" + name + "}}"));
        return named(text, properties, platform.flow(), shop.flow(), platform.body());
    }

    private static String withRow(String route, String row) {
        String step = "        - setBody:\n            expression:\n              jq:\n                expression: '"
                + row + "'\n";
        return route.replaceFirst(
                "(?m)^      steps:\n",
                "      steps:\n" + step.replace("\\", "\\\\").replace("$", "\\$"));
    }

    private static FlowTemplate named(
            String text, Map<String, String> properties, String flow, String other, String body) {
        Map<String, String> named = new LinkedHashMap<>();
        properties.forEach((name, value) -> named.put(
                name.replace(flow, NAME).replace(other, NAME),
                value.replace(flow, NAME).replace(other, NAME)));
        return new FlowTemplate(text.replace(flow, NAME).replace(other, NAME), named, body);
    }
}
