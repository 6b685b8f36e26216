package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The program as users run it: a separate process from the result of {@code mvn package}. */
public final class SeraiProcess implements AutoCloseable {
    /** Variables that are named like optional parameters of Kamelets, and must not be taken for them. */
    private static final Map<String, String> NAMESAKES = Map.of(
            "PREFIX", "/usr", "NAME", "a machine", "HEADERS", "X-A=b", "TOKEN", "t", "SECRET", "s", "FORMAT", "f");

    private static final String HEAP = "512m";
    private static final Pattern READY =
            Pattern.compile("serai ready in \\S+ s · flows (http://\\S+) · console (http://\\S+)");

    private final Process process;
    private final Path output;

    private SeraiProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts {@code run} and waits until it is ready. {@link #flowsUrl} and {@link #adminUrl} know its ports. */
    public static SeraiProcess run(Path folder, Path routes, Map<String, String> properties) {
        return run(folder, routes, properties, HEAP);
    }

    /** @param heap in the JVM's notation, like {@code 256m} */
    public static SeraiProcess run(Path folder, Path routes, Map<String, String> properties, String heap) {
        return run(folder, routes, properties, heap, Map.of());
    }

    /** @param environment in addition to this process's own */
    public static SeraiProcess run(
            Path folder, Path routes, Map<String, String> properties, Map<String, String> environment) {
        return run(folder, routes, properties, HEAP, environment);
    }

    private static SeraiProcess run(
            Path folder, Path routes, Map<String, String> properties, String heap, Map<String, String> environment) {
        SeraiProcess started = start(folder, runArguments(folder, routes, properties), heap, environment);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !started.process.isAlive()
                        || READY.matcher(started.output()).find());
        assertThat(started.process.isAlive()).as(started.output()).isTrue();
        return started;
    }

    /** Starts {@code run}, which need not become ready. */
    public static SeraiProcess start(Path folder, Path routes, Map<String, String> properties) {
        return start(folder, runArguments(folder, routes, properties));
    }

    /** With ports that the system chooses, unless the properties have others. */
    private static List<String> runArguments(Path folder, Path routes, Map<String, String> properties) {
        List<String> arguments = new ArrayList<>(List.of("run", "--routes", routes.toString()));
        arguments.addAll(List.of("--data", folder.resolve("data").toString()));
        Map<String, String> all = new HashMap<>(Map.of("serai.http.port", "0", "serai.admin.port", "0"));
        all.putAll(properties);
        all.forEach((name, value) -> arguments.addAll(List.of("-p", name + "=" + value)));
        return arguments;
    }

    /** Starts any command in the repository's folder, but with the {@code components/} of the test's own. */
    public static SeraiProcess start(Path folder, List<String> arguments) {
        return start(folder, arguments, HEAP, Map.of());
    }

    private static SeraiProcess start(
            Path folder, List<String> arguments, String heap, Map<String, String> environment) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            if (Runtime.version().feature() >= 23) { // as the launcher does
                command.add("--enable-native-access=ALL-UNNAMED");
                command.add("--sun-misc-unsafe-memory-access=allow");
            }
            List<String> classPath = new ArrayList<>(List.of(ClassArchive.CLASS_PATH));
            Path components = folder.resolve("components");
            classPath.add(components.resolve("*").toString());
            if (Files.isDirectory(components)) { // as the launcher does
                try (Stream<Path> added = Files.list(components)) {
                    added.filter(Files::isDirectory)
                            .forEach(one -> classPath.add(one.resolve("*").toString()));
                }
            }
            // With these a start takes less than half the processor time, and tests are mostly starts.
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
            command.addAll(
                    List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off", "-XX:SharedArchiveFile=" + ClassArchive.file()));
            command.addAll(List.of("-Xmx" + heap, "-cp", String.join(File.pathSeparator, classPath), "dev.serai.Main"));
            command.addAll(arguments);
            Path output = Files.createTempFile(folder, "serai", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(NAMESAKES);
            builder.environment().putAll(environment);
            Process process = builder.start();
            return new SeraiProcess(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String flowsUrl() {
        return url(1);
    }

    public String adminUrl() {
        return url(2);
    }

    private String url(int group) {
        Matcher ready = READY.matcher(output());
        assertThat(ready.find()).isTrue();
        return ready.group(group);
    }

    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: it does nothing, but its connections stay open. */
    public void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** SIGCONT, after {@link #pause}. */
    public void wake() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", name, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Sends SIGTERM; returns the exit code. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    public int exitCode() throws InterruptedException {
        assertThat(process.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS))
                .as("still running: " + output())
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
