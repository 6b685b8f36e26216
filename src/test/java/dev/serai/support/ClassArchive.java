package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * The archive of loaded classes that a node starts with, as one of the launcher does: it saves two of five seconds of processor time. The
 * first test that needs it makes it, by the launcher's own training, and the others wait.
 *
 * <p>See: docs/decisions/014-class-data-sharing.md
 */
public final class ClassArchive {
    public static final String CLASS_PATH = "target/app/serai.jar:target/app/lib/*";

    private static final Path APP = Path.of("target/app");
    /** Each version of Java needs its own. */
    private static final String NAME = "tests-" + Runtime.version().feature();

    private ClassArchive() {}

    /** Of the jars as they are now. */
    public static synchronized Path file() throws IOException {
        Path file = APP.resolve(NAME + ".jsa");
        try (FileChannel lock = FileChannel.open(
                        APP.resolve(NAME + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            if (!Files.exists(file) || isOlder(file, APP.resolve("serai.jar"))) {
                train(file);
            }
        }
        return file;
    }

    /** The driver's own library, which it would unpack at each start. */
    public static Path sqliteLibrary() {
        return APP.resolve(NAME + ".sqlite");
    }

    private static boolean isOlder(Path file, Path than) throws IOException {
        return Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(than)) < 0;
    }

    private static void train(Path file) throws IOException {
        Path work = Files.createTempDirectory(APP, "training");
        Path made = work.resolve("classes.jsa");
        Path output = work.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:ArchiveClassesAtExit=" + made,
                        "-cp",
                        CLASS_PATH,
                        "dev.serai.cli.ClassTraining",
                        Files.createDirectory(work.resolve("node")).toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS))
                    .as("the training ends")
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            Files.move(work.resolve("node/sqlite-library"), sqliteLibrary(), StandardCopyOption.REPLACE_EXISTING);
            Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
            FileSystemUtils.deleteRecursively(work);
        }
    }
}
