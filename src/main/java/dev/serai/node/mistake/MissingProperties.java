package dev.serai.node.mistake;

import dev.serai.text.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/** Finds the properties that files of routes refer to and that nothing defines. */
final class MissingProperties {
    /** Not {@code {{?name}}}, which may be missing, nor {@code {{name:default}}} and {@code {{function:name}}}. */
    private static final Pattern REFERENCE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_.\\-\\[\\]]+)\\s*}}");

    private static final Pattern XML_COMMENT = Pattern.compile("(?s)<!--.*?-->");
    private static final Pattern TEMPLATE = Pattern.compile("(?i)routeTemplate");
    private static final Pattern DECLARED = Pattern.compile("name[\"']?\\s*[:=]\\s*[\"']?([\\w.-]+)");

    private MissingProperties() {}

    /** In all files of routes. */
    static List<Mistake> find(CamelContext context, Collection<String> settings) {
        List<Mistake> missing = new ArrayList<>();
        LoadedFiles.of(context).forEach(file -> missing.addAll(in(file, context, settings)));
        return missing;
    }

    private static List<Mistake> in(Path file, CamelContext context, Collection<String> known) {
        List<Mistake> missing = new ArrayList<>();
        String text = withoutComments(String.join("\n", TextPlace.lines(file)));
        Set<String> parameters = templateParameters(text);
        Set<String> told = new HashSet<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            Matcher reference = REFERENCE.matcher(lines[i]);
            while (!lines[i].strip().startsWith("#") && reference.find()) {
                String name = reference.group(1);
                boolean isKnown = parameters.contains(name)
                        || context.getPropertiesComponent()
                                .resolveProperty(name)
                                .isPresent();
                if (!isKnown && told.add(name)) {
                    missing.add(new Mistake(file + ":" + (i + 1), reason(name, known)));
                }
            }
        }
        return missing;
    }

    static String reason(String name, Collection<String> known) {
        return "the property " + name + " is missing" + NearestName.hint(name, known)
                + ": set it in application.properties"
                + (name.indexOf('.') < 0 ? " or with -p" : ", with -p, or in the environment");
    }

    private static String withoutComments(String text) {
        return XML_COMMENT.matcher(text).replaceAll(comment -> comment.group().replaceAll("[^\n]", ""));
    }

    private static Set<String> templateParameters(String text) {
        Set<String> names = new HashSet<>();
        if (TEMPLATE.matcher(text).find()) {
            DECLARED.matcher(text).results().forEach(declared -> names.add(declared.group(1)));
        }
        return names;
    }
}
