package dev.serai.cli.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Parsed YAML, in which what is missing or of another kind counts as empty. */
final class YamlTree {
    private YamlTree() {}

    /** The tree of a text; null if it is not YAML. */
    static @Nullable Object read(String text) {
        try {
            return new Load(LoadSettings.builder().setAllowDuplicateKeys(true).build()).loadFromString(text);
        } catch (YamlEngineException e) {
            return null;
        }
    }

    static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    static String text(@Nullable Object value) {
        return value == null || value instanceof Map || value instanceof List ? "" : value.toString();
    }

    static List<String> texts(@Nullable Object values) {
        List<String> texts = new ArrayList<>();
        list(values).forEach(value -> texts.add(text(value)));
        return texts;
    }
}
