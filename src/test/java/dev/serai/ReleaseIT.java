package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.serai.support.Patience;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tarball that {@code mvn -Prelease package} makes, used as the documentation says. */
class ReleaseIT {
    private static final Pattern READY = Pattern.compile("serai ready in .* console (http://\\S+)");

    @TempDir
    Path folder;

    @TempDir
    Path tools;

    @Test
    void aReleaseRunsItsRoutesWithoutMavenOrSources() throws Exception {
        Path tarball = tarball();
        assumeTrue(tarball != null, "there is no release in target: mvn -Prelease verify makes one and tests it");
        Path maven = Files.writeString(tools.resolve("mvn"), "#!/bin/sh\necho 'no Maven here' >&2\nexit 1\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
        assertThat(run(folder, "tar", "xzf", tarball.toAbsolutePath().toString()))
                .isEmpty();
        Path home = only(folder);
        assertThat(home.resolve("src")).doesNotExist();
        assertThat(home.resolve("app/bom.json")).content().contains("CycloneDX", "camel-core");

        String launcher = home.resolve("serai").toString();
        assertThat(run(folder, launcher, "prepare")).isEmpty();
        try (Stream<Path> app = Files.list(home.resolve("app"))) {
            assertThat(app).anyMatch(file -> file.toString().endsWith(".jsa"));
        }

        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        List<String> command = new ArrayList<>(List.of(launcher, "run", "--data", data.toString()));
        for (String port : List.of("serai.http.port", "serai.admin.port", "sessions.port")) { // which routes refer to
            command.addAll(List.of("-p", port + "=" + freePort()));
        }
        Process node = withoutMaven(new ProcessBuilder(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Awaitility.await()
                    .until(() -> !node.isAlive()
                            || READY.matcher(Files.readString(log)).find());
            Matcher ready = READY.matcher(Files.readString(log));
            assertThat(ready.find()).as(Files.readString(log)).isTrue();
            // The sandbox of the release's own routes sends payments, messages and orders.
            Awaitility.await()
                    .until(
                            () -> run(folder, launcher, "status", "--data", data.toString(), "--url", ready.group(1)),
                            said -> said.contains("payments"));
        } finally {
            node.destroy();
            assertThat(node.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        }
        assertThat(node.exitValue()).as(Files.readString(log)).isZero();
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    private static Path tarball() throws IOException {
        try (Stream<Path> target = Files.list(Path.of("target"))) {
            return target.filter(file -> file.getFileName().toString().matches("serai-.*\\.tar\\.gz"))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static Path only(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> all = entries.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    /** What looks like Maven there fails, and says so. */
    private ProcessBuilder withoutMaven(ProcessBuilder builder) {
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().merge("PATH", tools.toString(), (path, first) -> first + ":" + path);
        return builder;
    }

    /** What the command prints. */
    private String run(Path folder, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("release", ".out");
        try {
            Process process = withoutMaven(new ProcessBuilder(command))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(process.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
            return Files.readString(output);
        } finally {
            Files.delete(output);
        }
    }
}
