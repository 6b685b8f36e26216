package dev.serai.cli;

import dev.serai.node.RunOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the options of {@code run} where they are in the plain form: name and value as two words. */
final class PlainArguments {
    private PlainArguments() {}

    /** Null for all that the parser has to look at. */
    static @Nullable RunOptions read(List<String> words) {
        NodeArguments arguments = new NodeArguments();
        for (int i = 0; i < words.size(); i += 2) {
            if (i + 1 == words.size() || !take(arguments, words.get(i), words.get(i + 1))) {
                return null;
            }
        }
        return arguments.options();
    }

    private static boolean take(NodeArguments arguments, String name, String value) {
        // Dashes and quotes have a meaning for the parser.
        if (value.isEmpty() || value.startsWith("-") || value.indexOf('"') >= 0) {
            return false;
        }
        switch (name) {
            case "--routes" -> arguments.routes.add(value);
            case "--kamelets" -> arguments.kamelets.add(value);
            case "-p" -> {
                int equals = value.indexOf('=');
                return equals > 0
                        && arguments.properties.put(value.substring(0, equals), value.substring(equals + 1)) == null;
            }
            case "--config" -> {
                boolean first = arguments.config == null;
                arguments.config = value;
                return first;
            }
            case "--data" -> {
                boolean first = arguments.data == null;
                arguments.data = value;
                return first;
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
