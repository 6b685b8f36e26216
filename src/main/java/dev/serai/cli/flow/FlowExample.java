package dev.serai.cli.flow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file of docs/examples, from which {@code new} makes flows. Its flow's name is also what its routes, paths and properties begin with. The comment
 * at its head has the properties that it needs, and where it is of use a body to try it with and the jq that makes a row of it.
 *
 * @param flow the name that a new flow's name replaces
 * @param head the lines of the comment that are no properties, body or row
 * @param body what its source can be sent; empty if the file does not say
 * @param row jq; empty if the file does not say
 * @param items what the file lists: beans and routes
 */
record FlowExample(
        String flow, List<String> head, String body, String row, Map<String, String> properties, List<String> items) {
    static final Path FOLDER = Path.of("docs/examples");
    private static final String ENDING = ".camel.yaml";

    private static final String BODY = "# Body: ";
    private static final String ROW = "# Row: ";
    private static final String PROPERTIES = "# Properties:";
    private static final Pattern PROPERTY = Pattern.compile("#   ([\\w.-]+)=(.*)");
    private static final Pattern ID = Pattern.compile("(?m)^    id: ([\\w-]+)$");
    private static final Pattern OUT = Pattern.compile("(?m)^    id: ([\\w-]+)-out$");

    /** The names of all, sorted. */
    static Set<String> names() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(file -> file.endsWith(ENDING))
                    .map(file -> file.substring(0, file.length() - ENDING.length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            return Set.of();
        }
    }

    static FlowExample read(String name) {
        try {
            return of(Files.readString(FOLDER.resolve(name + ENDING)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static FlowExample of(String text) {
        List<String> head = new ArrayList<>();
        Map<String, String> properties = new LinkedHashMap<>();
        String body = "";
        String row = "";
        List<String> lines = text.lines().toList();
        int first = 0;
        for (; first < lines.size() && lines.get(first).startsWith("#"); first++) {
            String line = lines.get(first);
            Matcher property = PROPERTY.matcher(line);
            if (line.startsWith(BODY)) {
                body = line.substring(BODY.length());
            } else if (line.startsWith(ROW)) {
                row = line.substring(ROW.length());
            } else if (property.matches()) {
                properties.put(property.group(1), property.group(2));
            } else if (!line.equals(PROPERTIES)) {
                head.add(line);
            }
        }
        return new FlowExample(flow(text), head, body, row, properties, items(lines.subList(first, lines.size())));
    }

    /** The first route that delivers is called by the flow's name. */
    private static String flow(String text) {
        Matcher out = OUT.matcher(text);
        if (!out.find()) {
            throw new IllegalArgumentException("no route of the example has an id that ends with -out");
        }
        return out.group(1);
    }

    private static List<String> items(List<String> lines) {
        List<String> items = new ArrayList<>();
        StringBuilder item = new StringBuilder();
        for (String line : lines) {
            if (line.startsWith("- ") && !item.isEmpty()) {
                items.add(item.toString());
                item.setLength(0);
            }
            item.append(line).append('\n');
        }
        items.add(item.toString());
        return items;
    }

    /** The id of a route; empty for beans. */
    static String idOf(String item) {
        Matcher id = ID.matcher(item);
        return id.find() ? id.group(1) : "";
    }

    /** The beans and routes that take in, which are those before the one that delivers. */
    List<String> incoming() {
        return items.stream()
                .takeWhile(item -> !idOf(item).equals(flow + "-out"))
                .toList();
    }

    /** The beans and the route that delivers. */
    List<String> outgoing() {
        return items.stream()
                .filter(item -> idOf(item).isEmpty() || idOf(item).equals(flow + "-out"))
                .toList();
    }

    String text() {
        return String.join("\n", head) + "\n" + String.join("", items);
    }
}
