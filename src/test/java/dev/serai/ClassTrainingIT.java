package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.ClassArchive;
import dev.serai.support.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher runs to make the archive of loaded classes; {@code LauncherTest} has the rest. */
class ClassTrainingIT {
    @TempDir
    Path folder;

    @Test
    void theTrainingDeliversItsChangesAndLeavesAnArchiveThatFits() throws Exception {
        Path archive = ClassArchive.file();
        assertThat(ClassArchive.sqliteLibrary()).isNotEmptyFile();
        // A user's own components come after what the archive was made of.
        String output = java(
                "-Xshare:on",
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load",
                "-cp",
                ClassArchive.CLASS_PATH + ":" + folder + "/components/*",
                "dev.serai.Main",
                "--version");
        assertThat(output).contains("dev.serai.cli.Cli source: shared objects file (top)");
    }

    private String java(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } finally {
            process.destroyForcibly();
        }
    }
}
