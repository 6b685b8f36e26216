package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

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
    private static final String CLASS_PATH = "target/app/serai.jar:target/app/lib/*";

    @TempDir
    Path folder;

    @Test
    void theTrainingDeliversItsChangesAndLeavesAnArchiveThatFits() throws Exception {
        Path archive = folder.resolve("classes.jsa");
        Path work = Files.createDirectory(folder.resolve("work"));
        java(
                "-XX:TieredStopAtLevel=1",
                "-XX:ArchiveClassesAtExit=" + archive,
                "-cp",
                CLASS_PATH,
                "dev.serai.cli.ClassTraining",
                work.toString());

        assertThat(work.resolve("sqlite-library")).isNotEmptyFile();
        // A user's own components come after what the archive was made of.
        String output = java(
                "-Xshare:on",
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load",
                "-cp",
                CLASS_PATH + ":" + folder + "/components/*",
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
