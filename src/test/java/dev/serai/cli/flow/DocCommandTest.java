package dev.serai.cli.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.cli.Cli;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int doc(String... arguments) {
        return Cli.execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Stream.concat(Stream.of("doc"), Stream.of(arguments)).toArray(String[]::new));
    }

    @Test
    void thePageHasEveryParameterWithWhatIsKnownOfIt() {
        assertThat(doc("tcp-source")).isZero();

        assertThat(out.toString())
                .startsWith("tcp-source, a source\nReceives changes over TCP, one JSON object per frame")
                .contains("\n  port (required, integer)\n    The port to listen on\n")
                .contains("\n  framing (string, line|length|delimiter, default line)\n")
                .contains("\n  idleTimeout (duration, default 10m)\n")
                .contains("such as \\x03)")
                .contains("        uri: kamelet:tcp-source\n        parameters:\n          port: 9000\n");
        assertThat(out.toString().lines())
                .allMatch(line -> line.length() <= KameletPage.COLUMNS || line.startsWith("  "));
    }

    @Test
    void theExampleOfEveryPageIsYamlThatSetsWhatIsRequired() {
        for (String name : WrittenKamelet.names(List.of(Path.of("kamelets")))) {
            out.getBuffer().setLength(0);
            assertThat(doc(name)).isZero();
            String example =
                    out.toString().replaceFirst("(?s)^.*\nEXAMPLE\n", "").indent(-2);
            WrittenKamelet kamelet = WrittenKamelet.find(name, List.of(Path.of("kamelets")));

            Map<?, ?> item = YamlTree.map(YamlTree.list(YamlTree.read(example)).get(0));
            Object end =
                    item.containsKey("route") ? YamlTree.map(item.get("route")).get("from") : item.get("to");

            assertThat(WrittenRoutes.endpoint(end).path()).as(example).isEqualTo(name);
            assertThat(WrittenRoutes.endpoint(end).parameters().keySet().stream()
                            .map(String::valueOf))
                    .as(example)
                    .containsExactlyInAnyOrderElementsOf(kamelet.required());
        }
    }

    @Test
    void withoutANameEachKameletHasOneLine() throws Exception {
        assertThat(doc()).isZero();

        List<String> names =
                WrittenKamelet.names(List.of(Path.of("kamelets"))).stream().toList();
        assertThat(out.toString().lines().map(line -> line.replaceFirst(" .*", "")))
                .isEqualTo(names);
        assertThat(out.toString().lines()).allMatch(line -> line.length() <= KameletPage.COLUMNS + 2);
        assertThat(out.toString()).contains("webhook-source         Receives webhooks on a path");

        out.getBuffer().setLength(0);
        assertThat(doc("--json")).isZero();
        assertThat(new ObjectMapper().readTree(out.toString())).hasSize(names.size());
    }

    @Test
    void jsonHasEveryParameter() throws Exception {
        assertThat(doc("webhook-source", "--json")).isZero();

        JsonNode page = new ObjectMapper().readTree(out.toString());
        assertThat(page.path("name").asText()).isEqualTo("webhook-source");
        assertThat(page.path("parameters").get(0).path("required").asBoolean()).isTrue();
        assertThat(page.path("parameters").get(1).path("default").asText()).isEqualTo("none");
    }

    @Test
    void aKameletOfOnesOwnHasAPageAndATypoItsNearestName() throws Exception {
        Files.writeString(folder.resolve("my-sink.kamelet.yaml"), """
                kind: Kamelet
                metadata: { name: my-sink, labels: { camel.apache.org/kamelet.type: sink } }
                spec:
                  definition: { title: "Mine\\u001b[2J", properties: { a: { title: A } } }
                  template: { from: { uri: "kamelet:source" } }
                """);

        assertThat(doc("my-sink", "--kamelets", folder.toString())).isZero();
        assertThat(out.toString()).contains("Mine\\u001b[2J").contains("  - to:\n      uri: kamelet:my-sink\n");
        assertThat(doc("webhok-source")).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "there is no Kamelet webhok-source, perhaps webhook-source is meant: there are alipay-source,");
    }
}
