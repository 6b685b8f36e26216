package dev.serai.cli.component;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class AddCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int add(String... arguments) throws IOException {
        Path libraries = Files.createDirectories(folder.resolve("lib"));
        Files.writeString(libraries.resolve("camel-kafka-4.22.0.jar"), "");
        return new CommandLine(new AddCommand(new PrintWriter(out, true), folder, libraries))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println(e.getMessage());
                    return 2;
                })
                .execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "camel-nonsense | Camel has no module camel-nonsense",
                "camel-ftpp | Camel has no module camel-ftpp, perhaps camel-ftp is meant",
                "../x | ../x is not the name of a component",
                "camel-ftp camel-jms | Unmatched argument at index 1: 'camel-jms'",
                "camel-ftp:4.0 | is not the name of a component"
            })
    void whatIsNoComponentIsRefused(String arguments, String reason) throws IOException {
        assertThat(add(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(reason);
        assertThat(folder.resolve("components")).doesNotExist();
    }

    @Test
    void whatIsThereIsNotBroughtAgain() throws IOException {
        assertThat(add("camel-kafka")).isZero();
        assertThat(out.toString()).contains("camel-kafka is a part of Serai");

        Files.createDirectories(folder.resolve("components/camel-ftp"));
        assertThat(add("ftp")).isEqualTo(2);
        assertThat(err.toString()).contains("delete the folder first");
    }

    @Test
    void theModulesThatCanBeAddedAreListed() throws IOException {
        assertThat(add("--list")).isZero();
        assertThat(out.toString().lines())
                .contains("camel-ftp", "camel-jms", "camel-mqtt5".replace("mqtt5", "paho-mqtt5"))
                .doesNotContain("camel-kafka");
    }

    @Test
    void aJarThatTheProgramHasInAnotherVersionConflictsUnlessItsOwnIsNewer() {
        JarChoice choice = JarChoice.of(
                List.of(
                        Path.of("new-1.0.jar"),
                        Path.of("same-1.0.jar"),
                        Path.of("older-1.2.3.jar"),
                        Path.of("newer-1.10.jar"),
                        Path.of("major-3.0.Final.jar")),
                Set.of("same-1.0.jar", "older-1.3.jar", "newer-1.9.jar", "major-4.0.Final.jar"));

        assertThat(choice.missing()).containsExactly(Path.of("new-1.0.jar"));
        assertThat(choice.replaced()).containsExactly("older 1.3 in place of 1.2.3");
        assertThat(choice.conflicts())
                .containsExactly("newer 1.10, and Serai has 1.9", "major 3.0.Final, and Serai has 4.0.Final");
    }
}
