package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ingress.IngressEndpoint;
import dev.serai.camel.ledger.LedgerEndpoint;
import dev.serai.node.Rehearsal;
import dev.serai.node.RunOptions;
import dev.serai.node.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a route's parameters say is what the endpoints get. */
class RawParametersTest {
    private static final List<String> TEXTS = List.of(
            "${jq(.shop + \"-\" + .id)}",
            "${jq(\"\\(.shop)-\\(.id)\")}",
            "${jq({a:.a} | tostring)}",
            "${jq(.a)}&${jq(.b)}",
            "${jq(.a)}&&",
            "(${jq(.a)})&x",
            "EU+${jq(.id)}",
            "EU ${jq(.id)}",
            "EU%20${jq(.id)}",
            "100%${jq(.id)}%zz",
            "it's # ? ${jq(.id)}",
            "${jq([.shop, .id] | join(\"-\"))}");

    @TempDir
    private Path folder;

    @Test
    void aParameterOfTheLedgerMeansWhatIsWrittenInYaml() throws Exception {
        StringBuilder routes = new StringBuilder();
        for (String text : TEXTS) {
            routes.append("""
                    - route:
                        from:
                          uri: direct:p%d
                          steps:
                            - to: { uri: ledger:x, parameters: { id: "${header.id}", key: '%s', version: "${jq(.v)}" } }
                    """.formatted(routes.length(), text.replace("'", "''")));
        }

        assertThat(keys("a.camel.yaml", routes.toString())).isEqualTo(TEXTS);
    }

    @Test
    void aParameterOfTheLedgerMeansWhatIsWrittenInAUri() throws Exception {
        StringBuilder yaml = new StringBuilder();
        StringBuilder xml = new StringBuilder("<routes>");
        for (String text : TEXTS) {
            yaml.append("""
                    - route:
                        from:
                          uri: direct:u%d
                          steps:
                            - to: 'ledger:x?key=%s&id=${header.id}'
                    """.formatted(yaml.length(), text.replace("'", "''")));
            xml.append("<route><from uri='direct:x" + xml.length() + "'/><to uri='ledger:x?key="
                    + text.replace("&", "&amp;").replace("'", "&apos;") + "&amp;id=${header.id}'/></route>");
        }

        assertThat(keys("b.camel.yaml", yaml.toString())).isEqualTo(TEXTS);
        assertThat(keys("c.camel.xml", xml.append("</routes>").toString())).isEqualTo(TEXTS);
    }

    @Test
    void whatIsRawAlreadyAndWhatAKameletGetsStaysAsItIs() throws Exception {
        String step = """
                - route:
                    from:
                      uri: direct:r
                      steps:
                        - to: %s
                """;
        String address = "http://h/u?sp=%2Frun&sig=Ab%2BcD%3D&team=R%26D";

        assertThat(keys("i.camel.yaml", step.formatted("'ledger:x?key=RAW(a&b=c+d)&id=${header.id}'")))
                .containsExactly("a&b=c+d");
        assertThat(loaded(
                        "j.camel.yaml",
                        step.formatted("{ uri: 'kamelet:http-sink', parameters: { url: '" + address + "' } }"),
                        Map.of(),
                        RawParametersTest::sinkUrls))
                .contains(address);
    }

    private static List<String> sinkUrls(CamelContext context) {
        return context.getEndpoints().stream()
                .filter(KameletEndpoint.class::isInstance)
                .map(endpoint -> String.valueOf(
                        ((KameletEndpoint) endpoint).getKameletProperties().get("url")))
                .toList();
    }

    @Test
    void aSettingMeansWhatIsWritten() throws Exception {
        String route = """
                - route:
                    from:
                      uri: direct:s
                      steps:
                        - to: { uri: ledger:x, parameters: { key: "{{my.key}}" } }
                """;

        assertThat(loaded("d.camel.yaml", route, Map.of("my.key", "a+b%20${jq(.id)}&c"), RawParametersTest::keys))
                .containsExactly("a+b%20${jq(.id)}&c");
    }

    @Test
    void thePathOfASourceMeansWhatIsWritten() throws Exception {
        String route = """
                - route:
                    from:
                      uri: ingress:/a+b%20c
                      parameters: { headers: "A+B,C%20" }
                      steps:
                        - to: { uri: ledger:x, parameters: { key: "${jq(.id)}" } }
                - route:
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: "/k+l%20m", scheme: hmac, secret: "a+b%20c&d?e=f-sixteen", header: "X-A+B" }
                      steps:
                        - to: { uri: ledger:x, parameters: { key: "${jq(.id)}" } }
                """;

        List<String> paths = loaded("e.camel.yaml", route, Map.of(), context -> {
            List<String> found = new ArrayList<>();
            context.getEndpoints().forEach(endpoint -> {
                if (endpoint instanceof IngressEndpoint ingress) {
                    found.add(ingress.getPath() + " " + ingress.getHeaders());
                }
            });
            return found;
        });
        assertThat(paths).containsExactlyInAnyOrder("/a+b%20c A+B,C%20", "/k+l%20m X-A+B,,");
    }

    @Test
    void jqReadsItsExpressionsAsTheyAreWritten() throws Exception {
        Map<String, String> found = Map.of(
                "${jq(.shop + \"-\" + .id)}", "s-7",
                "${jq(\"\\(.shop)-\\(.id)\")}", "s-7",
                "${jq({a:.shop} | tostring)}", "{\"a\":\"s\"}",
                "${jq(.shop)}&${jq(.id)}", "s&7",
                "EU+${jq(.id)}%20x", "EU+7%20x",
                "${jq('.id')}", "7",
                "${jq(\".id\")}", "7",
                "${jq(.n)}/${header.h}", "1000/h+",
                "${jq(.none // \"}\")}", "}");
        loaded("f.camel.yaml", "- route: { from: { uri: direct:f, steps: [ { log: x } ] } }", Map.of(), context -> {
            LedgerEndpoint ledger = context.getEndpoint("ledger:x", LedgerEndpoint.class);
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setHeader("h", "h+");
            exchange.getMessage().setBody("{\"shop\":\"s\",\"id\":\"7\",\"n\":1e3}");
            found.forEach((text, value) -> assertThat(Objects.requireNonNull(ledger.expression("key", text))
                            .evaluate(exchange, String.class))
                    .as(text)
                    .isEqualTo(value));
            return List.of();
        });
    }

    @Test
    void aStepThatWouldEvaluateTextOfAMessageAsAnExpressionIsRefused() {
        String step = """
                - route:
                    from:
                      uri: direct:f
                      steps:
                        - toD: { uri: "%s" }
                """;

        assertThat(refusal(step.formatted("ledger:x?key=${jq(.id)}")))
                .contains("g.camel.yaml:")
                .contains("toD evaluates the parameters of ledger: before ledger: does")
                .contains("use to: for each flow");
    }

    @Test
    void anExpressionThatJqCannotEvaluateIsRefusedWithItsPlace() {
        String ledger = """
                - route:
                    from:
                      uri: direct:f
                      steps:
                        - to: { uri: ledger:x, parameters: { key: '%s' } }
                """;
        assertThat(refusal(ledger.formatted("${jq(.id | ltrimstr(''x''))}")))
                .contains("g.camel.yaml:")
                .contains("key")
                .contains("did not expect ' at character 16 of: .id | ltrimstr('x') (jq writes text in double quotes)");
        assertThat(refusal(ledger.formatted("${jq(.id | ltrimst(\"x\"))}")))
                .contains("g.camel.yaml:")
                .contains("jq has no function ltrimst with 1 argument, at character 7 of: .id | ltrimst(\"x\")");
        assertThat(refusal(ledger.formatted("${jq(.id")))
                .contains("g.camel.yaml:")
                .contains("has no end");
        String step = """
                - route:
                    from:
                      uri: direct:f
                      steps:
                        - log: "hello"
                        - %s
                """;
        assertThat(refusal(step.formatted("setBody: { jq: '.a | lenght' }")))
                .contains("g.camel.yaml:")
                .contains("jq has no function lenght with 0 arguments, at character 6 of: .a | lenght");
        assertThat(refusal(step.formatted("setBody: { jq: '.a |' }")))
                .contains("g.camel.yaml:")
                .contains("jq did not expect its end at character");
        assertThat(refusal(step.formatted("setHeader: { name: x, simple: '${jq(.a | lenght)}' }")))
                .contains("g.camel.yaml:")
                .contains("jq has no function lenght");
        assertThat(refusal(step.formatted("choice: { when: [ { jq: '.a | lenght', steps: [ { log: x } ] } ] }")))
                .contains("g.camel.yaml:")
                .contains("jq has no function lenght");
    }

    @Test
    void functionsOfTheExpressionAndOfCamelAreKnown() throws Exception {
        String step = """
                - route:
                    from:
                      uri: direct:f
                      steps:
                        - setBody: { jq: 'def f($x; g): g + $x; f(1; .a) | header("h") | [limit(3; .[])] | @base64' }
                """;

        assertThat(loaded("h.camel.yaml", step, Map.of(), context -> List.of("loaded")))
                .containsExactly("loaded");
    }

    private String refusal(String routes) {
        StringBuilder said = new StringBuilder();
        assertThatThrownBy(() -> {
                    Path file = Files.writeString(folder.resolve("g.camel.yaml"), routes);
                    try (Rehearsal rehearsal = new Rehearsal(options(file, Map.of()), true)) {
                        try {
                            rehearsal.load(List.of(file));
                        } catch (Exception e) {
                            said.append(StartFailure.of(
                                            e,
                                            Objects.requireNonNull(rehearsal.node())
                                                    .context())
                                    .message());
                            throw e;
                        }
                    }
                })
                .isNotNull();
        return said.toString();
    }

    private List<String> keys(String name, String routes) throws Exception {
        return loaded(name, routes, Map.of(), RawParametersTest::keys);
    }

    private static List<String> keys(CamelContext context) {
        List<String> keys = new ArrayList<>();
        RouteModel.model(context).getRouteDefinitions().forEach(route -> RouteModel.steps(route)
                .forEach(step -> {
                    if (step instanceof ToDefinition to) {
                        keys.add(context.getEndpoint(to.getUri(), LedgerEndpoint.class)
                                .getProducerOptions()
                                .getKey());
                    }
                }));
        return keys;
    }

    private <T> List<T> loaded(
            String name, String routes, Map<String, String> properties, Function<CamelContext, List<T>> found)
            throws Exception {
        Path file = Files.writeString(folder.resolve(name), routes);
        try (Rehearsal rehearsal = new Rehearsal(options(file, properties), true)) {
            rehearsal.load(List.of(file));
            return found.apply(rehearsal.context());
        }
    }

    private RunOptions options(Path file, Map<String, String> properties) {
        return new RunOptions(
                List.of(file.toString()),
                List.of(folder, Path.of("kamelets")),
                null,
                folder.resolve("data"),
                properties);
    }
}
