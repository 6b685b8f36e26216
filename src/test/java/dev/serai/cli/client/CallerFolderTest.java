package dev.serai.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CallerFolderTest {
    private final CallerFolder elsewhere = new CallerFolder(Path.of("/some/where"));

    @Test
    void relativePathsAreRelativeToTheCallersFolder() {
        assertThat(elsewhere.resolve("conf/a.properties")).isEqualTo(Path.of("/some/where/conf/a.properties"));
        assertThat(elsewhere.resolve("../a.properties")).isEqualTo(Path.of("/some/a.properties"));
        assertThat(elsewhere.resolveGlob("routes/*.yaml")).isEqualTo("/some/where/routes/*.yaml");
        assertThat(elsewhere.resolveGlob("file:routes/*")).isEqualTo("file:/some/where/routes/*");
    }

    @Test
    void absolutePathsStayUnchanged() {
        assertThat(elsewhere.resolve("/etc/a")).isEqualTo(Path.of("/etc/a"));
        assertThat(elsewhere.resolveGlob("/etc/*")).isEqualTo("/etc/*");
        assertThat(elsewhere.resolveGlob("classpath:routes/*")).isEqualTo("classpath:routes/*");
        assertThat(new CallerFolder(null).resolveGlob("routes/*")).isEqualTo("routes/*");
    }
}
