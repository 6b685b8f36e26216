package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/operate.md} and {@code application.properties} name the settings of {@link Settings}. */
class SettingsDocTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `((?:serai|camel)\\.\\S+)` \\| `(\\S+)` \\|");

    @TempDir
    Path folder;

    private Map<String, String> defaults() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.properties"));
        Settings settings = Settings.load(new RunOptions(List.of(), List.of(), empty, null, Map.of()), Map.of());
        Map<String, String> defaults = new TreeMap<>();
        settings.asProperties().forEach((name, value) -> defaults.put(name.toString(), value.toString()));
        defaults.put(ScheduleComponent.THREADS, settings.get(ScheduleComponent.THREADS)); // Camel does not get it
        defaults.put(Settings.LEDGER_KEYS, settings.get(Settings.LEDGER_KEYS)); // nor these
        defaults.put(LedgerPlace.SCHEMA, settings.get(LedgerPlace.SCHEMA));
        return defaults;
    }

    @Test
    void thePageHasEverySettingWithItsDefault() throws IOException {
        Map<String, String> listed = new TreeMap<>();
        ROW.matcher(Files.readString(Path.of("docs/operate.md")))
                .results()
                .forEach(row -> listed.put(row.group(1), row.group(2)));

        assertThat(listed).isEqualTo(defaults());
    }

    @Test
    void thePageHasEverySettingWithoutADefault() throws IOException {
        String page = Files.readString(Path.of("docs/operate.md"));

        assertThat(Settings.OPTIONAL).allSatisfy(name -> assertThat(page).contains("| `" + name + "` | — |"));
    }

    @Test
    void theShippedFileStatesTheDefaults() throws IOException {
        Properties file = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of("application.properties"))) {
            file.load(reader);
        }
        Map<String, String> defaults = defaults();

        assertThat(file.stringPropertyNames().stream().filter(name -> name.startsWith("serai.")))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(file.getProperty(name)).as(name).isEqualTo(defaults.get(name)));
    }
}
