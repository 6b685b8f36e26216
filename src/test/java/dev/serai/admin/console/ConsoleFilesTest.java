package dev.serai.admin.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConsoleFilesTest {
    private static final int COMPRESSED_MAX = 150 * 1024;

    @Test
    void thePageAndTheLibrariesAreThereAndNothingElseOfTheProgram() throws Exception {
        ConsoleFiles files = ConsoleFiles.load();

        assertThat(files.all())
                .contains("index.html", "assets/lib/uplot.js", "assets/lib/uplot.css", "assets/lib/preact.js")
                .allMatch(name -> name.equals("index.html") || name.startsWith("assets/"));
    }

    @Test
    void allFilesTogetherAreSmallOnceTheyAreCompressed() throws Exception {
        ConsoleFiles files = ConsoleFiles.load();

        assertThat(files.all().stream()
                        .mapToInt(name -> files.get(name).compressedLength())
                        .sum())
                .isLessThan(COMPRESSED_MAX);
    }
}
