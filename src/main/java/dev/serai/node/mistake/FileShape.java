package dev.serai.node.mistake;

import dev.serai.node.route.ConfigurationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Refuses files that Camel would read without a word, and find no route or not all that is written in. */
public final class FileShape {
    private static final Pattern XML_COMMENT = Pattern.compile("(?s)<!--.*?-->|<\\?.*?\\?>|<!DOCTYPE[^>]*>");
    private static final Pattern XML_ROOT = Pattern.compile("<(?:[\\w.-]+:)?([\\w.-]+)");
    private static final Set<String> XML_ROOTS = Set.of(
            "beans",
            "blueprint",
            "camel",
            "camelContext",
            "dataFormats",
            "rest",
            "restContext",
            "rests",
            "route",
            "routeConfiguration",
            "routeConfigurationContext",
            "routeConfigurations",
            "routeContext",
            "routeTemplate",
            "routeTemplateContext",
            "routeTemplates",
            "routes",
            "templatedRoute",
            "templatedRoutes");

    private FileShape() {}

    /** Throws {@link ConfigurationException} with one line for each such file. */
    public static void refuse(List<Path> files) {
        List<String> mistakes = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = TextPlace.lines(file);
            String reason = file.toString().endsWith(".xml") ? xmlFault(lines) : yamlFault(lines);
            if (reason == null && !file.toString().endsWith(".xml")) {
                mistakes.addAll(RepeatedKeys.find(file, lines));
            }
            // A file that cannot be read has no lines either; Camel says why.
            if (reason != null && (file.toFile().length() == 0 || !lines.isEmpty())) {
                mistakes.add(file + ": " + reason);
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(String.join("\n", mistakes));
        }
    }

    private static @Nullable String yamlFault(List<String> lines) {
        boolean isCommented = false;
        boolean isResource =
                lines.stream().anyMatch(line -> line.startsWith("apiVersion:") || line.startsWith("kind:"));
        for (String line : lines) {
            String text = line.replace("\uFEFF", "").strip();
            if (text.startsWith("#")) {
                isCommented = true;
            } else if (!text.isEmpty() && !text.equals("---") && !text.startsWith("%")) {
                return isResource || text.matches("[-\\[{].*")
                        ? null
                        : "is not a list of routes: begin each with - route:";
            }
        }
        return isCommented ? "has only comments" : "is empty";
    }

    private static @Nullable String xmlFault(List<String> lines) {
        String text = String.join("\n", lines);
        Matcher root = XML_ROOT.matcher(XML_COMMENT.matcher(text).replaceAll(""));
        if (root.find()) {
            return XML_ROOTS.contains(root.group(1))
                    ? null
                    : "has no routes: its element is " + root.group(1) + ", and not routes";
        }
        return text.isBlank() ? "is empty" : "has only comments";
    }
}
