package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the launcher makes and uses the archive of loaded classes, with a Java that only notes how it was called. */
class LauncherTest {
    private static final String JAVA = """
            #!/usr/bin/env bash
            echo "$@" >> "$(dirname "$0")/calls"
            for argument; do
              case $argument in -XX:ArchiveClassesAtExit=*) archive=${argument#*=} ;; esac
            done
            [ -n "${archive:-}" ] || exit 0
            [ ! -e "$(dirname "$0")/broken" ] || { echo "no class training today"; exit 1; }
            while [ -e "$(dirname "$0")/slow" ]; do sleep 0.02; done
            echo classes > "$archive"
            echo library > "${@: -1}/sqlite-library"
            """;

    @TempDir
    Path folder;

    private Path app;
    private Path home;

    @BeforeEach
    void install() throws IOException {
        Files.copy(Path.of("serai"), folder.resolve("serai"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(folder.resolve("src/main"));
        Files.writeString(folder.resolve("pom.xml"), "");
        app = Files.createDirectories(folder.resolve("target/app"));
        Files.createDirectories(app.resolve("lib"));
        Files.writeString(app.resolve("lib/a.jar"), "");
        Files.writeString(app.resolve("serai.jar"), "");
        for (String old : List.of("src/main", "src", "pom.xml", "target/app/lib/a.jar", "target/app/lib")) {
            age(folder.resolve(old), Duration.ofHours(2));
        }
        age(app.resolve("serai.jar"), Duration.ofHours(1));
        home = folder.resolve("java");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, JAVA);
        assertThat(java.toFile().setExecutable(true)).isTrue();
        release("17.0.1");
    }

    @Test
    void theFirstRunMakesTheArchiveAndLaterStartsUseIt() throws Exception {
        run("run");
        Path archive = awaitArchive();

        run("run");
        assertThat(lastCall()).contains("-XX:SharedArchiveFile=target/app/" + archive.getFileName());
        run("status");
        assertThat(lastCall()).contains("-XX:SharedArchiveFile=target/app/" + archive.getFileName());

        assertThat(trainings()).isOne();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void otherCommandsMakeNoArchive() throws Exception {
        run("status");

        assertThat(calls()).singleElement().asString().doesNotContain("Archive");
    }

    @Test
    void anArchiveOfOlderJarsIsNotUsed() throws Exception {
        run("run");
        Path archive = awaitArchive();
        age(archive, Duration.ofMinutes(90));

        run("status");
        assertThat(lastCall()).doesNotContain("SharedArchiveFile");
        run("run");
        Awaitility.await().until(() -> trainings() == 2);
    }

    @Test
    void anArchiveOfAnotherJavaIsNotUsed() throws Exception {
        run("run");
        awaitArchive();
        release("17.0.2");

        run("status");
        assertThat(lastCall()).doesNotContain("SharedArchiveFile");
    }

    @Test
    void anArchiveThatWasCutOffIsNotUsed() throws Exception {
        run("run");
        Files.writeString(awaitArchive(), "class");

        run("status");
        assertThat(lastCall()).doesNotContain("SharedArchiveFile");
    }

    @Test
    void ofStartsAtOnceOneMakesTheArchive() throws Exception {
        Files.writeString(home.resolve("bin/slow"), "");
        run("run");
        Awaitility.await().until(() -> trainings() == 1);
        run("run");
        run("run");
        Files.delete(home.resolve("bin/slow"));
        awaitArchive();

        assertThat(trainings()).isOne();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void anArchiveThatCannotBeMadeIsReportedAndNotTriedAgain() throws Exception {
        Files.writeString(home.resolve("bin/broken"), "");
        run("run");
        Path log = awaitFile(".log");
        assertThat(log).hasContent("no class training today");

        assertThat(run("run"))
                .contains("starts are slow")
                .contains(log.getFileName().toString());
        assertThat(trainings()).isOne();
    }

    private static void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - age.toMillis()));
    }

    private void release(String version) throws IOException {
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    /** What it printed. */
    private String run(String command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder launcher = new ProcessBuilder(folder + "/serai", command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        launcher.environment().put("JAVA_HOME", home.toString());
        Process process = launcher.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(home.resolve("bin/calls"));
    }

    private String lastCall() throws IOException {
        List<String> calls = new ArrayList<>(calls());
        calls.removeIf(call -> call.contains("ClassTraining"));
        return calls.get(calls.size() - 1);
    }

    private long trainings() throws IOException {
        return calls().stream().filter(call -> call.contains("ClassTraining")).count();
    }

    private Path awaitArchive() {
        return awaitFile(".jsa");
    }

    private Path awaitFile(String end) {
        Awaitility.await().until(() -> leftovers().isEmpty() && !filesOfApp(end).isEmpty());
        return filesOfApp(end).get(0);
    }

    /** What a training that is over must not leave. */
    private List<Path> leftovers() {
        return Stream.of(".new.", ".work.")
                .flatMap(part -> filesOfApp(part).stream())
                .toList();
    }

    private List<Path> filesOfApp(String part) {
        String[] names = app.toFile().list((at, name) -> name.contains(part));
        return Stream.of(names).map(app::resolve).toList();
    }
}
