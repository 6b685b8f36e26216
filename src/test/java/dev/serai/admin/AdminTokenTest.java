package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTokenTest {
    @TempDir
    Path folder;

    @Test
    void theFirstStartMakesATokenThatOnlyTheOwnerReads() throws IOException {
        Path file = folder.resolve("data/deep/admin.token");

        AdminToken made = AdminToken.readOrCreate(file);

        String token = Files.readString(file).strip();
        assertThat(token).matches("[A-Za-z0-9_-]{43}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(made.is(token)).isTrue();
        assertThat(AdminToken.readOrCreate(file).is(token)).isTrue();
        assertThat(made.toString()).doesNotContain(token);
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void everyFileGetsItsOwnToken() throws IOException {
        AdminToken.readOrCreate(folder.resolve("a"));
        AdminToken.readOrCreate(folder.resolve("b"));

        assertThat(Files.readString(folder.resolve("a"))).isNotEqualTo(Files.readString(folder.resolve("b")));
    }

    @Test
    void concurrentStartsShareOneToken() {
        Path file = folder.resolve("admin.token");

        List<AdminToken> tokens =
                IntStream.range(0, 16).parallel().mapToObj(i -> create(file)).toList();

        String token = read(file).strip();
        assertThat(tokens).allMatch(t -> t.is(token));
    }

    @Test
    void aTokenThatIsTooShortOrUnreadableIsRefused() throws IOException {
        for (String token : List.of("short", "with a space in the middle of it")) {
            Path file = Files.writeString(folder.resolve("admin.token"), token);

            assertThatThrownBy(() -> AdminToken.readOrCreate(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("delete the file");
        }
    }

    @Test
    void anEmptyFileThatAPowerCutLeftGetsANewToken() throws IOException {
        Path file = Files.createFile(folder.resolve("admin.token"));

        AdminToken made = AdminToken.readOrCreate(file);

        assertThat(made.is(Files.readString(file).strip())).isTrue();
    }

    private static AdminToken create(Path file) {
        try {
            return AdminToken.readOrCreate(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
