package dev.serai.cli.component;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lets the user's Maven, with its settings, mirrors and proxies, fetch the jars of a module. */
final class MavenRun {
    private static final String GOAL =
            "org.apache.maven.plugins:maven-dependency-plugin:${dependency-plugin.version}:copy-dependencies";

    private final Path pom;
    private final boolean isOffline;

    /** @param pom Serai's own, for its versions */
    MavenRun(Path pom, boolean isOffline) {
        this.pom = pom;
        this.isOffline = isOffline;
    }

    /** The jars of the module and of all that it needs, which are in the folder afterwards. */
    List<Path> fetch(String group, String artifact, Path folder) throws IOException {
        Path project = folder.resolve("pom.xml");
        Path jars = Files.createDirectory(folder.resolve("jars"));
        PomXml.write(project, pom, group, artifact);
        List<String> command = new ArrayList<>(List.of("mvn", "-q", "-B", "-f", project.toString()));
        if (isOffline) {
            command.add("-o");
        }
        command.addAll(List.of(
                GOAL.replace("${dependency-plugin.version}", pluginVersion()),
                "-DincludeScope=runtime",
                "-DoutputDirectory=" + jars));
        run(command, artifact);
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> list = Files.newDirectoryStream(jars, "*.jar")) {
            list.forEach(found::add);
        }
        found.sort(null);
        return found;
    }

    private String pluginVersion() throws IOException {
        return Files.readString(pom)
                .lines()
                .filter(line -> line.contains("<dependency-plugin.version>"))
                .findFirst()
                .orElseThrow(() -> new IOException(pom + " has no dependency-plugin.version"))
                .replaceAll(".*<dependency-plugin.version>|<.*", "");
    }

    private static void run(List<String> command, String artifact) throws IOException {
        Process maven;
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            // It ends before the second compiler has paid for itself. What the user has set comes last, and counts.
            builder.environment().merge("MAVEN_OPTS", "-XX:TieredStopAtLevel=1", (own, first) -> first + " " + own);
            maven = builder.start();
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "Maven cannot be started (" + e.getMessage() + "): install it, as the build needs it too");
        }
        maven.getOutputStream().close();
        try (InputStream said = maven.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            if (maven.waitFor() != 0) {
                throw new CliException(ExitCode.NO, "Maven could not get " + artifact + ": " + reason(text));
            }
        } catch (InterruptedException e) {
            maven.destroy();
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.NO, "interrupted");
        }
    }

    /** The first of its errors that says something. */
    private static String reason(String said) {
        return said.lines()
                .filter(line -> line.contains("[ERROR]") || line.contains("ERROR"))
                .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "").replaceFirst("^\\[ERROR]\\s*", ""))
                .map(line -> line.replaceFirst("^Failed to execute goal .*?: ", ""))
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("it gives no reason");
    }
}
