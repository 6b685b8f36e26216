package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** A file of properties, to which more are added at its end. */
final class SettingsFile {
    private final Path file;
    private final String text;
    private final Properties present = new Properties();

    SettingsFile(Path file) {
        this.file = file;
        try {
            text = Files.exists(file) ? Files.readString(file) : "";
            present.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, file + ": cannot be read as properties: " + e.getMessage());
        }
    }

    List<String> values() {
        return present.values().stream().map(value -> value.toString().strip()).toList();
    }

    /** Throws {@link CliException} if one is there already. */
    void refuse(Map<String, String> added) {
        List<String> there =
                added.keySet().stream().filter(present::containsKey).toList();
        if (!there.isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    file + " has " + String.join(", ", there)
                            + " already, and nothing is overwritten: choose another name");
        }
    }

    /** Nothing that is there changes. */
    void add(String heading, Map<String, String> added) {
        if (added.isEmpty()) {
            return;
        }
        String lines = added.entrySet().stream()
                .map(property -> property.getKey() + "=" + property.getValue() + "\n")
                .collect(Collectors.joining());
        String between = text.isEmpty() ? "" : text.endsWith("\n") ? "\n" : "\n\n";
        try {
            Files.writeString(
                    file,
                    between + "# ---- " + heading + "\n" + lines,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, file + ": cannot be written: " + e);
        }
    }
}
