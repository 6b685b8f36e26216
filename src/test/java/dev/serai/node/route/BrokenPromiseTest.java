package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokenPromiseTest {
    private static final String TARGET = """
            - route:
                id: orders-out
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - STEP
            """;

    /** A file that has no route but this is not empty. */
    private static final String TEMPLATED = """
            - routeTemplate:
                id: out
                parameters: [ { name: flow } ]
                from:
                  uri: "ledger:{{flow}}"
                  parameters: { target: shop }
                  steps:
                    - to: { uri: "seda:queue" }
            - templatedRoute:
                routeTemplateRef: out
                parameters: [ { name: flow, value: orders } ]
            """;

    private static final String SOURCE = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - STEP
            - route:
                id: orders-store
                from:
                  uri: direct:store
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.key)}" } }
            """;

    @TempDir
    private Path folder;

    @Test
    void aTargetsStepThatEndsEarlyIsRefusedWithFileLineReasonAndMend() {
        expectRefused(TARGET.replace("STEP", "wireTap: { uri: \"direct:other\" }"), "routes.camel.yaml")
                .hasMessageContaining("wireTap ends an exchange before its work is done")
                .hasMessageContaining("counts as delivered although its target may never get it")
                .hasMessageContaining("use multicast")
                .hasMessageContaining("unsafe: true on from: ledger:orders");
    }

    @Test
    void nestedStepsAreFound() {
        String step =
                "choice: { when: [ { simple: \"${body} == 1\", steps: [ { loop: { constant: \"2\", steps: [ { to: { uri: \"seda:q\" } } ] } } ] } ] }";
        expectRefused(TARGET.replace("STEP", step), "routes.camel.yaml").hasMessageContaining("seda:");
    }

    @Test
    void aRouteThatTheTargetsRouteCallsIsPartOfIt() {
        String called = """
                - route:
                    id: called
                    from:
                      uri: direct:called
                      steps:
                        - wireTap: { uri: "direct:other" }
                """;
        expectRefused(TARGET.replace("STEP", "to: { uri: \"direct:called\" }") + called, "routes.camel.yaml")
                .hasMessageContaining("ledger:orders");
    }

    @Test
    void aRouteThatAnExpressionNamesIsPartOfIt() {
        String called = """
                - route:
                    id: called
                    from:
                      uri: direct:called
                      steps:
                        - wireTap: { uri: "direct:other" }
                """;
        for (String step : List.of("recipientList", "routingSlip", "enrich")) {
            String calling = step + ": { constant: \"direct:called\" }";
            expectRefused(TARGET.replace("STEP", calling) + called, "routes.camel.yaml")
                    .hasMessageContaining("wireTap");
        }
    }

    @Test
    void aKameletThatTheTargetsRouteUsesIsPartOfIt() throws IOException {
        writeKamelet("early-sink", "kamelet:source", "wireTap: { uri: \"direct:other\" }");
        expectRefused(TARGET.replace("STEP", "to: { uri: \"kamelet:early-sink\" }"), "early-sink.kamelet.yaml")
                .hasMessageContaining("wireTap");
    }

    @Test
    void aTemplatesRouteIsPartOfIt() {
        expectRefused(TEMPLATED, "routes.camel.yaml").hasMessageContaining("seda:");
    }

    @Test
    void aSourcesStepThatEndsEarlyOnTheWayToTheLedgerIsRefused() {
        for (String step : List.of(
                "to: { uri: \"seda:store\" }",
                "wireTap: { uri: \"direct:store\" }",
                "aggregate: { correlationExpression: { constant: all }, aggregationStrategy: \"#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy\", completionSize: 10, steps: [ { to: { uri: \"direct:store\" } } ] }",
                "resequence: { simple: \"${body}\", steps: [ { to: { uri: \"direct:store\" } } ] }",
                "toD: { uri: \"seda:store\" }")) {
            String routes = SOURCE.replace("STEP", step);
            expectRefused(
                            step.contains("seda") ? routes.replace("direct:store", "seda:store") : routes,
                            "routes.camel.yaml")
                    .hasMessageContaining("is answered although its change may never be stored")
                    .hasMessageContaining("to: ledger:orders");
        }
    }

    @Test
    void aSourceKameletsStepThatEndsEarlyIsRefused() throws IOException {
        writeKamelet(
                "early-source",
                "timer:t",
                "aggregate: { correlationExpression: { constant: all }, aggregationStrategy: \"#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy\", completionSize: 10, steps: [ { to: { uri: \"kamelet:sink\" } } ] }");
        String routes = """
                - route:
                    from:
                      uri: kamelet:early-source
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: "a" } }
                """;
        expectRefused(routes, "early-source.kamelet.yaml").hasMessageContaining("aggregate");
    }

    @Test
    void aSplitOnTheWayToTheLedgerIsRefusedSinceItsPartsAreAcceptedOneByOne() {
        String split = "split: { jq: \".items[]\", steps: [ { to: { uri: \"direct:store\" } } ] }";
        String routes = SOURCE.replace("STEP", split);

        expectRefused(routes, "routes.camel.yaml")
                .hasMessageContaining("split hands its parts to the ledger one by one")
                .hasMessageContaining("is refused although some of its parts are stored")
                .hasMessageContaining("batch: true");
    }

    @Test
    void aSplitThatEndsBeforeTheLedgerAndOneBehindItAreAllowed() throws Exception {
        String before = SOURCE.replace(
                "- STEP",
                "- split: { jq: \".items[]\", steps: [ { log: \"${body}\" } ] }\n        - to: { uri: \"direct:store\" }");
        String behind = TARGET.replace(
                "STEP", "split: { jq: \".items[]\", steps: [ { to: { uri: \"http://localhost:1/x\" } } ] }");

        assertThat(lines(before + behind)).noneMatch(line -> line.contains("UNSAFE"));
    }

    @Test
    void aStepThatIsNotOnTheWayToTheLedgerIsAllowed() throws Exception {
        String routes =
                SOURCE.replace("- STEP", "- wireTap: { uri: \"log:copy\" }\n        - to: { uri: \"direct:store\" }");
        assertThat(lines(routes)).noneMatch(line -> line.contains("UNSAFE"));
    }

    @Test
    void anUnsafeFlowIsAllowedAndTheTableSaysWhatIsLost() throws Exception {
        String target = TARGET.replace("STEP", "wireTap: { uri: \"log:copy\" }")
                .replace("target: shop", "target: shop, unsafe: true");
        String source = SOURCE.replace("STEP", "wireTap: { uri: \"direct:store\" }")
                .replace("key: \"${jq(.key)}\"", "key: \"${jq(.key)}\", unsafe: true");
        assertThat(lines(target + source))
                .anyMatch(line -> line.contains("UNSAFE") && line.contains("counts as delivered"))
                .anyMatch(line -> line.contains("UNSAFE") && line.contains("is answered although"));
    }

    private AbstractThrowableAssert<?, ? extends Throwable> expectRefused(String routes, String place) {
        return assertThatThrownBy(() -> lines(routes))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageMatching("(?s).*" + Pattern.quote(place) + ":\\d+: .*");
    }

    private List<String> lines(String routes) throws Exception {
        return new CheckedRoutes(folder).lines(routes);
    }

    private void writeKamelet(String name, String from, String step) throws IOException {
        Files.writeString(folder.resolve(name + ".kamelet.yaml"), """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata:
                  name: %s
                spec:
                  definition:
                    title: %s
                  template:
                    from:
                      uri: %s
                      steps:
                        - %s
                """.formatted(name, name, from, step));
    }
}
