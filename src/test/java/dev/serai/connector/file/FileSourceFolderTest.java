package dev.serai.connector.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceFolderTest {
    private static final Duration QUIET = Duration.ofSeconds(2);

    @TempDir
    Path path;

    private final VirtualTime time = new VirtualTime();

    @Test
    void aFileThatHasNotChangedForAWhileIsReady() throws IOException {
        FileSourceFolder folder = folder();
        write("a");
        assertThat(folder.ready()).isEmpty();
        time.advance(QUIET);

        assertThat(folder.ready()).containsExactly("a");
    }

    @Test
    void aFileIsReadyNoLaterWhenTheClockIsSetBack() throws IOException {
        FileSourceFolder folder = folder();
        write("a");
        assertThat(folder.ready()).isEmpty();
        time.set(Duration.ofHours(-1));
        time.advance(QUIET);

        assertThat(folder.ready()).containsExactly("a");
    }

    @Test
    void aFileDatedInTheFutureIsWatched() throws IOException {
        FileSourceFolder folder = folder();
        write("a");
        time.set(Duration.ofHours(-1));
        assertThat(folder.ready()).isEmpty();
        time.advance(QUIET.minusMillis(1));
        assertThat(folder.ready()).isEmpty();
        time.advance(Duration.ofMillis(1));

        assertThat(folder.ready()).containsExactly("a");
    }

    private FileSourceFolder folder() throws IOException {
        return new FileSourceFolder(path, ".done", Pattern.compile(".*"), QUIET, "", time);
    }

    private void write(String name) throws IOException {
        Path file = Files.writeString(path.resolve(name), "x");
        Files.setLastModifiedTime(file, FileTime.from(time.instant()));
    }
}
