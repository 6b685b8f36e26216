package dev.serai.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A Kamelet that comes with Serai: its YAML, read. */
public record KameletFile(String text, Map<String, Object> yaml) {

    /** All of them, by name. */
    public static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("kamelets"))) {
            return files.sorted().toList();
        }
    }

    @SuppressWarnings("unchecked")
    public static KameletFile read(Path file) throws IOException {
        String text = Files.readString(file);
        Object yaml = new Load(LoadSettings.builder().build()).loadFromString(text);
        return new KameletFile(text, (Map<String, Object>) yaml);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> in(Map<String, Object> map, String name) {
        return (Map<String, Object>) map.getOrDefault(name, Map.of());
    }

    public String name() {
        return String.valueOf(in(yaml, "metadata").get("name"));
    }

    /** What an editor shows. */
    public Map<String, Object> definition() {
        return in(in(yaml, "spec"), "definition");
    }

    /** The parameters by name. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public Map<String, Map<String, Object>> parameters() {
        return (Map) in(definition(), "properties");
    }

    @SuppressWarnings("unchecked")
    public List<String> required() {
        return (List<String>) definition().get("required");
    }

    /** The names of the beans that its template makes. */
    @SuppressWarnings("unchecked")
    public List<String> beans() {
        Object beans = in(in(yaml, "spec"), "template").getOrDefault("beans", List.of());
        return ((List<Map<String, Object>>) beans)
                .stream().map(bean -> String.valueOf(bean.get("name"))).toList();
    }
}
