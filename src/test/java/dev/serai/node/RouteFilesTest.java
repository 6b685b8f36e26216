package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.node.route.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteFilesTest {
    @TempDir
    private Path folder;

    private Path orders;
    private Path scores;

    @BeforeEach
    void writeFiles() throws IOException {
        orders = Files.writeString(folder.resolve("orders.camel.yaml"), "- route:");
        scores = Files.writeString(folder.resolve("scores.camel.xml"), "<routes/>");
        Files.writeString(folder.resolve("notes.md"), "notes");
        Files.createDirectory(folder.resolve("schemas"));
        Files.writeString(folder.resolve("schemas/order.json"), "{}");
    }

    @Test
    void aGlobAFolderAndWhatAShellMakesOfTheGlobNameTheSameFiles() throws IOException {
        List<String> expanded;
        try (Stream<Path> inside = Files.list(folder)) {
            expanded = inside.map(Path::toString).sorted().toList();
        }

        assertThat(RouteFiles.find(List.of(folder + "/*"))).containsExactly(orders, scores);
        assertThat(RouteFiles.find(List.of(folder.toString()))).containsExactly(orders, scores);
        assertThat(RouteFiles.find(List.of(folder + "/"))).containsExactly(orders, scores);
        assertThat(RouteFiles.find(expanded)).containsExactly(orders, scores);
    }

    @Test
    void aFileThatTwoOfThemNameIsReadOnce() {
        assertThat(RouteFiles.find(List.of(orders.toString(), folder + "/*"))).containsExactly(orders, scores);
    }

    @Test
    void aFileWithCharactersOfGlobsInItsNameIsFound() throws IOException {
        Path file = Files.writeString(folder.resolve("a[1].yaml"), "- route:");

        assertThat(RouteFiles.find(List.of(file.toString()))).containsExactly(file);
    }

    @Test
    void aMisspeltFileIsRefusedWithTheNearestName() {
        assertThatThrownBy(() -> RouteFiles.find(List.of(scores.toString(), folder + "/order.camel.yaml")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("order.camel.yaml, perhaps orders.camel.yaml is meant");
    }

    @Test
    void whatNamesNoRouteFileAtAllIsRefused() {
        assertThatThrownBy(() -> RouteFiles.find(List.of(folder + "/schemas")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no route file (.yaml or .xml) matches --routes " + folder + "/schemas");
    }

    @Test
    void theSandboxIsLoadedWithAShippedFlowUnlessItIsOff() throws IOException {
        Path routes = Files.createDirectories(folder.resolve("here/routes"));
        Path sandbox = Files.createDirectories(folder.resolve("here/sandbox"));
        Path shop = Files.createFile(sandbox.resolve("shop.camel.yaml"));
        Path own = Files.createFile(routes.resolve("own.camel.yaml"));
        String here = folder + "/here/";

        assertThat(RouteFiles.defaults(here, true)).containsExactly(own);
        Path shipped = Files.createFile(routes.resolve("orders.camel.xml"));
        assertThat(RouteFiles.defaults(here, true)).containsExactly(shipped, own, shop);
        assertThat(RouteFiles.defaults(here, false)).containsExactly(shipped, own);
    }

    @Test
    void theShippedFlowsAreThoseInRoutes() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsAll(RouteFiles.SHIPPED);
        }
        assertThat(RouteFiles.find(options(Map.of()))).contains(Path.of("sandbox/shop.camel.yaml"));
        assertThat(RouteFiles.find(options(Map.of("serai.sandbox", "off"))))
                .contains(Path.of("routes/orders.camel.xml"))
                .doesNotContain(Path.of("sandbox/shop.camel.yaml"));
        assertThatThrownBy(() -> RouteFiles.find(options(Map.of("serai.sandbox", "no"))))
                .hasMessage("serai.sandbox must be on or off, not \"no\"");
    }

    private static RunOptions options(Map<String, String> properties) {
        return new RunOptions(List.of(), List.of(), null, null, properties);
    }

    @Test
    void testsBesideTheRoutesAreNoRoutes(@TempDir Path other) throws IOException {
        Path route = Files.writeString(other.resolve("orders.camel.yaml"), "");
        Files.writeString(other.resolve("orders.test.yaml"), "");

        assertThat(RouteFiles.find(List.of(other.toString()))).containsExactly(route);
    }
}
