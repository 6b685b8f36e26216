package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.node.RunOptions;
import dev.serai.support.CapturedLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What {@code check} says of wrong files, as listed in {@code mistakes.yaml}. */
class MistakeTest {
    /** In every value that may be secret. */
    private static final String SECRET = "hunter2";

    private static final String LIST_FOLLOWS = "...";

    @TempDir
    private Path folder;

    /** One case of the list. */
    record Mistake(Map<String, String> bases, Map<?, ?> about) {
        @Override
        public String toString() {
            return String.valueOf(about.get("mistake"));
        }

        List<String> says() {
            return ((List<?>) about.get("says")).stream().map(String::valueOf).toList();
        }

        Map<String, String> given() {
            Map<String, String> given = new HashMap<>();
            if (about.get("given") instanceof Map<?, ?> map) {
                map.forEach((name, value) -> given.put(String.valueOf(name), String.valueOf(value)));
            }
            return given;
        }
    }

    @SuppressWarnings("unchecked")
    static List<Mistake> mistakes() throws IOException {
        try (InputStream in = Objects.requireNonNull(MistakeTest.class.getResourceAsStream("mistakes.yaml"))) {
            Map<String, Object> all =
                    (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            Map<String, String> bases = (Map<String, String>) all.get("bases");
            return ((List<Map<?, ?>>) all.get("cases"))
                    .stream().map(about -> new Mistake(bases, about)).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void eachMistakeIsOneLineWithItsPlaceAndWhatWouldBeRight(Mistake mistake) throws IOException {
        write(mistake, mistake.about(), 'a');
        Object properties = mistake.about().get("properties");
        Path config = Files.writeString(
                folder.resolve("application.properties"), properties == null ? "" : properties.toString());
        Map<String, String> given = mistake.given();
        given.putAll(Map.of("serai.http.port", "0", "serai.admin.port", "0"));
        RunOptions options =
                new RunOptions(List.of(folder.toString()), List.of(), config, folder.resolve("data"), given);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);

        int exitCode;
        try (CapturedLog log = new CapturedLog()) {
            exitCode = new Runner(stream, stream).check(options, false);
            assertThat(log.lines()).noneMatch(line -> line.contains(SECRET));
        }

        String output = said.toString(StandardCharsets.UTF_8).replace(folder + "/", "");
        assertThat(exitCode).as(output).isEqualTo(2);
        assertThat(output).doesNotContain(SECRET);
        assertThat(output.lines().map(MistakeTest::withoutLists).toList()).isEqualTo(mistake.says());
    }

    private void write(Mistake mistake, Map<?, ?> file, char name) throws IOException {
        if (file.get("xml") != null) {
            Files.writeString(folder.resolve(name + ".camel.xml"), text(file, "xml"));
        } else if (file.get("yaml") != null) {
            Files.writeString(folder.resolve(name + ".camel.yaml"), text(file, "yaml"));
        } else {
            String content = mistake.bases().get(text(file, "base"));
            if (file.get("replace") != null) {
                content = replaced(content, text(file, "replace"), text(file, "by"));
            }
            if (file.get("changes") instanceof List<?> changes) {
                for (Object change : changes) {
                    List<?> both = (List<?>) change;
                    content = replaced(content, String.valueOf(both.get(0)), String.valueOf(both.get(1)));
                }
            }
            String ending = text(file, "base").equals("xml") ? ".camel.xml" : ".camel.yaml";
            Files.writeString(folder.resolve(name + ending), content);
        }
        if (file.get("also") instanceof Map<?, ?> other) {
            write(mistake, other, (char) (name + 1));
        }
    }

    private static String replaced(String content, String what, String by) {
        assertThat(content).contains(what);
        return content.replace(what, by);
    }

    private static String text(Map<?, ?> file, String name) {
        return String.valueOf(file.get(name));
    }

    /** The lists of what exists grow, and are left out here. */
    private static String withoutLists(String line) {
        String reason = line.replaceFirst("^serai: ", "").stripTrailing();
        for (String list : List.of(": there are ", ": it takes ", "; there are ", ": known are ")) {
            int at = reason.indexOf(list);
            if (at >= 0) {
                return reason.substring(0, at + list.length()) + LIST_FOLLOWS;
            }
        }
        return reason;
    }
}
