package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What an editor shows of each Kamelet, and what Camel makes of its template. */
class KameletFilesTest {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??(\\w+)}}");
    private static final Pattern SECRET = Pattern.compile("(?i).*(secret|password|token|apiV3Key|encodingAesKey)");
    private static final Set<String> OF_CAMEL = Set.of("routeId");

    static List<Path> kamelets() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("kamelets"))) {
            return files.sorted().toList();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> in(Map<String, Object> map, String name) {
        return (Map<String, Object>) map.getOrDefault(name, Map.of());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> spec(Path file) throws IOException {
        Object yaml = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
        return in((Map<String, Object>) yaml, "spec");
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    @SuppressWarnings("unchecked")
    void everyParameterIsExplainedAndSecretsAreMarked(Path file) throws IOException {
        Map<String, Object> definition = in(spec(file), "definition");
        Map<String, Object> properties = in(definition, "properties");

        assertThat(definition).containsKeys("title", "description", "required");
        assertThat(properties.keySet()).containsAll((List<String>) definition.get("required"));
        properties.forEach((name, value) -> {
            Map<String, Object> property = (Map<String, Object>) value;
            assertThat(property).as(name).containsKeys("title", "description", "type");
            if (SECRET.matcher(name).matches()) {
                assertThat(property).as(name).containsEntry("format", "password");
            }
            if (property.containsKey("enum") && property.containsKey("default")) {
                assertThat((List<Object>) property.get("enum")).as(name).contains(property.get("default"));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    @SuppressWarnings("unchecked")
    void aTemplateUsesAllItsParametersAndNoOthers(Path file) throws IOException {
        Map<String, Object> spec = spec(file);
        Set<String> declared =
                new HashSet<>(in(in(spec, "definition"), "properties").keySet());
        List<Map<String, Object>> beans =
                (List<Map<String, Object>>) in(spec, "template").getOrDefault("beans", List.of());
        beans.forEach(bean -> declared.add(String.valueOf(bean.get("name"))));
        String template = Files.readString(file);
        template = template.substring(template.indexOf("  template:"));

        Set<String> used = PLACEHOLDER
                .matcher(template)
                .results()
                .map((MatchResult found) -> found.group(1))
                .filter(name -> !OF_CAMEL.contains(name))
                .collect(Collectors.toSet());

        assertThat(used).containsExactlyInAnyOrderElementsOf(declared);
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    @SuppressWarnings("unchecked")
    void noUsersNameIsThatOfABean(Path file) throws IOException {
        List<Map<String, Object>> beans =
                (List<Map<String, Object>>) in(spec(file), "template").getOrDefault("beans", List.of());

        assertThat(beans)
                .extracting(bean -> String.valueOf(bean.get("name")))
                .as(
                        "Camel takes any parameter, and the route's id, for the bean whose name it has: begin it with serai")
                .allMatch(name -> name.startsWith("serai"));
    }
}
