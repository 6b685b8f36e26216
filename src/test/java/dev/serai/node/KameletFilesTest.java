package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.KameletFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The descriptions of each Kamelet, and the parameters of its template. */
class KameletFilesTest {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??(\\w+)}}");
    private static final Pattern SECRET = Pattern.compile("(?i).*(secret|password|token|apiV3Key|encodingAesKey)");
    private static final Set<String> OF_CAMEL = Set.of("routeId");

    static List<Path> kamelets() throws IOException {
        return KameletFile.all();
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void everyParameterIsExplainedAndSecretsAreMarked(Path file) throws IOException {
        KameletFile kamelet = KameletFile.read(file);

        assertThat(kamelet.definition()).containsKeys("title", "description", "required");
        assertThat(kamelet.parameters().keySet()).containsAll(kamelet.required());
        kamelet.parameters().forEach((name, parameter) -> {
            assertThat(parameter).as(name).containsKeys("title", "description", "type");
            if (SECRET.matcher(name).matches()) {
                assertThat(parameter).as(name).containsEntry("format", "password");
            }
            if (parameter.containsKey("enum") && parameter.containsKey("default")) {
                assertThat((List<?>) parameter.get("enum")).as(name).asList().contains(parameter.get("default"));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void aTemplateUsesAllItsParametersAndNoOthers(Path file) throws IOException {
        KameletFile kamelet = KameletFile.read(file);
        Set<String> declared = new HashSet<>(kamelet.parameters().keySet());
        declared.addAll(kamelet.beans());
        String template = kamelet.text().substring(kamelet.text().indexOf("  template:"));

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
    void noUsersNameIsThatOfABean(Path file) throws IOException {
        assertThat(KameletFile.read(file).beans())
                .as(
                        "Camel takes any parameter, and the route's id, for the bean whose name it has: begin it with serai")
                .allMatch(name -> name.startsWith("serai"));
    }
}
