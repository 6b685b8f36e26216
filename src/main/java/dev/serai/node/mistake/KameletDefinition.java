package dev.serai.node.mistake;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.spi.Resource;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What a Kamelet's file says of its parameters, of which Camel keeps only the names.
 *
 * @param from the URI that its route begins with, empty if it has none
 */
record KameletDefinition(Map<String, Parameter> parameters, List<String> required, String from) {

    /**
     * One parameter.
     *
     * @param type string, integer, number or boolean
     * @param format password, duration, cron or uri; empty for none
     * @param allowed its values; empty if they are not listed
     */
    record Parameter(String type, String format, List<String> allowed) {
        boolean isSecret() {
            return format.equals("password");
        }
    }

    /** Null if the file cannot be read, which whoever loads it reports. */
    static @Nullable KameletDefinition read(Resource file) {
        try (InputStream in = file.getInputStream()) {
            Object yaml =
                    new Load(LoadSettings.builder().setAllowDuplicateKeys(true).build()).loadFromInputStream(in);
            Map<?, ?> spec = map(map(yaml).get("spec"));
            Map<?, ?> definition = map(spec.get("definition"));
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            map(definition.get("properties"))
                    .forEach((name, about) -> parameters.put(String.valueOf(name), parameter(map(about))));
            Map<?, ?> from = map(map(spec.get("template")).get("from"));
            return new KameletDefinition(parameters, texts(definition.get("required")), text(from.get("uri")));
        } catch (IOException | YamlEngineException e) {
            return null;
        }
    }

    private static Parameter parameter(Map<?, ?> about) {
        return new Parameter(text(about.get("type")), text(about.get("format")), texts(about.get("enum")));
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static List<String> texts(@Nullable Object values) {
        List<String> texts = new ArrayList<>();
        if (values instanceof List<?> list) {
            list.forEach(value -> texts.add(text(value)));
        }
        return texts;
    }
}
