package dev.serai.node.mistake;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.xml.io.XmlPullParserException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** What is wrong with a file that cannot be parsed. */
public final class ParserMistake {
    private static final Pattern FILE = Pattern.compile("file:([^\\s,]+?\\.(?:ya?ml|xml))");
    private static final Pattern LINE = Pattern.compile("in file:\\S+?, line (\\d+)");

    private ParserMistake() {}

    /**
     * One line with the place; null if the failure is none of a parser, or its file is not known.
     *
     * @param chain the failure and its causes
     */
    public static @Nullable String explain(List<Throwable> chain, @Nullable CamelContext context) {
        Path file = file(chain);
        MarkedYamlEngineException yaml = null;
        XmlPullParserException xml = null;
        for (Throwable cause : chain) {
            yaml = cause instanceof MarkedYamlEngineException marked ? marked : yaml;
            xml = cause instanceof XmlPullParserException pulled ? pulled : xml;
        }
        if (file != null && yaml != null) {
            return YamlMistake.of(file, yaml, chain.get(chain.size() - 1)).line();
        }
        if (file != null && xml != null) {
            return XmlMistake.of(file, xml, line(chain)).line();
        }
        if (context == null
                || chain.stream()
                        .noneMatch(cause -> String.valueOf(cause.getMessage()).contains("Non scalar key"))) {
            return null;
        }
        return unquotedPlaceholder(LoadedFiles.of(context));
    }

    private static @Nullable String unquotedPlaceholder(List<Path> files) {
        for (Path file : files) {
            int line = YamlMistake.unquotedPlaceholder(TextPlace.lines(file));
            if (line > 0) {
                return file + ":" + line + ": " + YamlMistake.UNQUOTED;
            }
        }
        return null;
    }

    private static @Nullable Path file(List<Throwable> chain) {
        for (Throwable cause : chain) {
            Matcher file = FILE.matcher(String.valueOf(cause.getMessage()));
            if (file.find()) {
                return Path.of(file.group(1));
            }
        }
        return null;
    }

    /** 0 if it is not known. */
    private static int line(List<Throwable> chain) {
        for (Throwable cause : chain) {
            Matcher line = LINE.matcher(String.valueOf(cause.getMessage()));
            if (line.find()) {
                return Integer.parseInt(line.group(1));
            }
        }
        return 0;
    }
}
