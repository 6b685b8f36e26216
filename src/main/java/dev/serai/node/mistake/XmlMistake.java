package dev.serai.node.mistake;

import dev.serai.text.NearestName;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.xml.io.XmlPullParserException;

/** Says in plain words what the parser of XML, or Camel's reader of its elements, did not understand. */
final class XmlMistake {
    private static final Pattern ELEMENT = Pattern.compile("Unexpected element '(?:\\{.*?})?([^']+)'");
    private static final Pattern ATTRIBUTE = Pattern.compile("Unsupported attribute '(?:\\{.*?})?([^']+)'");
    private static final Pattern UNCLOSED =
            Pattern.compile("end tag name </(\\S+)> must match start tag name <(\\S+)> from line (\\d+)");

    private XmlMistake() {}

    /** @param line from around the failure, which does not always know it; 0 if it is not known */
    static Mistake of(Path file, XmlPullParserException failure, int line) {
        String said = String.valueOf(failure.getMessage()).replaceAll("\\s+", " ");
        int number = Math.max(line, failure.getLineNumber());
        String place = number > 0 ? file + ":" + number : file.toString();
        Matcher unclosed = UNCLOSED.matcher(said);
        if (unclosed.find()) {
            return new Mistake(
                    file + ":" + unclosed.group(3),
                    "the element " + unclosed.group(2) + " is not closed: </" + unclosed.group(2)
                            + "> is missing before </" + unclosed.group(1) + "> in line " + number);
        }
        if (said.contains("entity reference") || said.contains("could not resolve entity")) {
            return new Mistake(place, "a plain & is not allowed in XML: write &amp;");
        }
        Matcher element = ELEMENT.matcher(said);
        if (element.find()) {
            return new Mistake(place, unknown("element", element.group(1)));
        }
        Matcher attribute = ATTRIBUTE.matcher(said);
        if (attribute.find()) {
            return new Mistake(place, "the attribute " + attribute.group(1) + " does not belong here");
        }
        return new Mistake(place, said.replaceFirst("\\s*\\(position:.*", ""));
    }

    private static String unknown(String what, String name) {
        DslNames names = DslNames.read();
        Set<String> known = new TreeSet<>(names.steps());
        known.addAll(names.roots());
        return known.contains(name)
                ? "the " + what + " " + name + " does not belong here"
                : "there is no " + what + " " + name + NearestName.hint(name, known);
    }
}
