package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.node.Rehearsal;
import dev.serai.node.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedNameTest {
    @TempDir
    private Path folder;

    private Path file(String name, String route, String options) throws IOException {
        return Files.writeString(folder.resolve(name), """
                - route:
                    id: %s
                    from:
                      uri: kamelet:http-pull-source
                      parameters: { url: "http://127.0.0.1/orders", records: .items%s }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}" } }
                """.formatted(route, options));
    }

    private Rehearsal loaded(Path... files) throws Exception {
        RunOptions options =
                new RunOptions(List.of(), List.of(Path.of("kamelets")), null, folder.resolve("data"), Map.of());
        Rehearsal rehearsal = new Rehearsal(options, true);
        try {
            rehearsal.load(List.of(files));
            return rehearsal;
        } catch (Exception e) {
            rehearsal.close();
            throw e;
        }
    }

    @Test
    void twoSourcesOfOneNameAreRefusedWithBothPlaces() throws Exception {
        Path one = file("one.camel.yaml", "one", ", name: shop");
        Path two = file("two.camel.yaml", "two", ", name: shop");

        assertThatThrownBy(() -> loaded(one, two).close())
                .hasMessageContaining("one.camel.yaml:")
                .hasMessageContaining("two.camel.yaml:")
                .hasMessageContaining("has the name shop too")
                .hasMessageContaining("give one of them another name");
    }

    @Test
    void aNameThatIsTheIdOfAnothersRouteIsRefused() throws Exception {
        Path one = file("one.camel.yaml", "shop", "");
        Path two = file("two.camel.yaml", "two", ", name: shop");

        assertThatThrownBy(() -> loaded(one, two).close()).hasMessageContaining("has the name shop too");
    }

    @Test
    void aReloadedFileMayKeepItsNamesButNotTakeThoseOfOthers() throws Exception {
        Path one = file("one.camel.yaml", "one", ", name: shop");
        Path other = file("other.camel.yaml", "other", "");
        try (Rehearsal running = loaded(one, other);
                Rehearsal again = loaded(one);
                Rehearsal taking = loaded(file("other.camel.yaml", "other", ", name: shop"))) {
            assertThatCode(() -> SharedName.refuse(again.context(), running.context(), "one"::equals))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> SharedName.refuse(taking.context(), running.context(), "other"::equals))
                    .hasMessageContaining("one.camel.yaml:")
                    .hasMessageContaining("has the name shop too");
        }
    }
}
