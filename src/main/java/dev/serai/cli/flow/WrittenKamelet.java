package dev.serai.cli.flow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Kamelet as its file has it.
 *
 * @param kind source, sink or action
 * @param summary the comment with which the file begins, or its title
 * @param required the names of the parameters that must be set
 * @param template the route that it stands for
 */
record WrittenKamelet(
        String name,
        String kind,
        String title,
        String summary,
        String description,
        List<DeclaredParameter> parameters,
        List<String> required,
        Map<?, ?> template) {
    private static final String ENDING = ".kamelet.yaml";
    private static final Pattern REFERENCE = Pattern.compile("\\{\\{(\\??)([\\w.-]+)}}");

    /**
     * A parameter; what the file does not say is empty.
     *
     * @param byDefault null if it has no default, which differs from an empty one
     */
    record DeclaredParameter(
            String name,
            String description,
            String type,
            String format,
            List<String> allowed,
            @Nullable String byDefault,
            String example) {}

    /** Null if no folder, and no jar, has one of this name. */
    static @Nullable WrittenKamelet find(String name, List<Path> folders) {
        if (!name.matches("[\\w-]+")) {
            return null;
        }
        try {
            for (Path folder : folders) {
                Path file = folder.resolve(name + ENDING);
                if (Files.isRegularFile(file)) {
                    return of(name, Files.readString(file));
                }
            }
            try (InputStream in = WrittenKamelet.class.getResourceAsStream("/kamelets/" + name + ENDING)) {
                return in == null ? null : of(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            return null;
        }
    }

    /** Those in the folders, sorted. */
    static Set<String> names(List<Path> folders) {
        Set<String> names = new TreeSet<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> String.valueOf(file.getFileName()))
                        .filter(file -> file.endsWith(ENDING))
                        .forEach(file -> names.add(file.substring(0, file.length() - ENDING.length())));
            } catch (IOException e) {
                // a folder that does not exist has no Kamelets
            }
        }
        return names;
    }

    private static @Nullable WrittenKamelet of(String name, String text) {
        Map<?, ?> root = YamlTree.map(YamlTree.read(text));
        Map<?, ?> spec = YamlTree.map(root.get("spec"));
        Map<?, ?> definition = YamlTree.map(spec.get("definition"));
        if (definition.isEmpty()) {
            return null;
        }
        List<DeclaredParameter> parameters = new ArrayList<>();
        YamlTree.map(definition.get("properties"))
                .forEach((parameter, about) ->
                        parameters.add(parameter(String.valueOf(parameter), YamlTree.map(about))));
        String comment = text.lines()
                .takeWhile(line -> line.startsWith("#"))
                .map(line -> line.substring(1).strip())
                .collect(Collectors.joining(" "));
        Map<?, ?> labels = YamlTree.map(YamlTree.map(root.get("metadata")).get("labels"));
        return new WrittenKamelet(
                name,
                YamlTree.text(labels.get("camel.apache.org/kamelet.type")),
                YamlTree.text(definition.get("title")),
                comment.isEmpty() ? YamlTree.text(definition.get("title")) : comment,
                YamlTree.text(definition.get("description")),
                parameters,
                YamlTree.texts(definition.get("required")),
                YamlTree.map(spec.get("template")));
    }

    private static DeclaredParameter parameter(String name, Map<?, ?> about) {
        Object byDefault = about.get("default");
        return new DeclaredParameter(
                name,
                YamlTree.text(about.get("description")),
                YamlTree.text(about.get("type")),
                YamlTree.text(about.get("format")),
                YamlTree.texts(about.get("enum")),
                byDefault == null ? null : YamlTree.text(byDefault),
                YamlTree.text(about.get("example")));
    }

    /** Its route with these parameters, and the beans that this has of its own. References to other properties stay. */
    OpenedRoute open(Map<String, String> given) {
        Map<String, String> values = new LinkedHashMap<>();
        for (DeclaredParameter parameter : parameters) {
            if (parameter.byDefault() != null) {
                values.put(parameter.name(), parameter.byDefault());
            }
        }
        values.putAll(given);
        Map<String, Map<String, String>> beans = WrittenRoutes.beans(template.get("beans"));
        beans.keySet().forEach(bean -> values.put(bean, bean));
        Map<?, ?> from = YamlTree.map(template.get("from"));
        List<WrittenEndpoint> steps = new ArrayList<>();
        WrittenRoutes.collect(from.get("steps"), steps);
        UnaryOperator<String> fill = text -> filled(text, values);
        beans.replaceAll((bean, properties) -> filled(properties, fill));
        return new OpenedRoute(
                filled(WrittenRoutes.endpoint(from), fill),
                steps.stream().map(step -> filled(step, fill)).toList(),
                beans);
    }

    private static WrittenEndpoint filled(WrittenEndpoint endpoint, UnaryOperator<String> fill) {
        return new WrittenEndpoint(
                fill.apply(endpoint.scheme()), fill.apply(endpoint.path()), filled(endpoint.parameters(), fill));
    }

    /** Without those that become empty. */
    private static Map<String, String> filled(Map<String, String> texts, UnaryOperator<String> fill) {
        Map<String, String> filled = new LinkedHashMap<>();
        texts.forEach((name, text) -> {
            String value = fill.apply(text);
            if (!value.isEmpty()) {
                filled.put(name, value);
            }
        });
        return filled;
    }

    private static String filled(String text, Map<String, String> values) {
        return REFERENCE.matcher(text).replaceAll(reference -> {
            String value = values.get(reference.group(2));
            String otherwise = reference.group(1).isEmpty() ? reference.group() : "";
            return Matcher.quoteReplacement(value == null ? otherwise : value);
        });
    }
}
