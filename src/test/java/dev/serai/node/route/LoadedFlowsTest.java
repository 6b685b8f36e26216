package dev.serai.node.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.serai.camel.FlowRoutes.FlowUse;
import dev.serai.camel.FlowRoutes.TargetGuarantee;
import dev.serai.camel.FlowRoutes.UsedRoute;
import dev.serai.camel.LeanCamelContext;
import dev.serai.support.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedFlowsTest {
    private static final String ROUTES = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - to: { uri: "direct:keep" }
            - route:
                id: keep
                from:
                  uri: direct:keep
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "a" } }
            - route:
                id: orders-shop
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - to: { uri: "direct:send" }
            - route:
                id: send
                from:
                  uri: direct:send
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "http://localhost:1/x" } }
            - route:
                id: invoices-erp
                from:
                  uri: ledger:invoices
                  parameters: { target: erp }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "http://localhost:1/y" } }
            """;

    @TempDir
    private Path folder;

    @Test
    void aFlowHasItsRoutesWithFileAndLineAndNoOthers() throws Exception {
        FlowUse use = new CheckedRoutes(folder).use(ROUTES, "orders");

        assertThat(use.routes())
                .extracting(UsedRoute::id, UsedRoute::role, UsedRoute::target)
                .containsExactlyInAnyOrder(
                        tuple("orders-in", "source", null),
                        tuple("keep", "other", null),
                        tuple("orders-shop", "target", "shop"),
                        tuple("send", "other", null));
        assertThat(use.routes()).allSatisfy(route -> {
            assertThat(route.file()).endsWith("routes.camel.yaml");
            assertThat(route.line()).isPositive();
        });
    }

    @Test
    void whatALaterFileAddsToAFlowIsSaid() throws Exception {
        String more = """
                - route:
                    id: orders-archive
                    from:
                      uri: ledger:orders
                      parameters: { target: archive }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "http://localhost:1/z" } }
                """;

        List<FlowUse> uses = new CheckedRoutes(folder).usesBeforeAndAfter(ROUTES, more, "orders");

        assertThat(uses.get(0).guarantees()).extracting(TargetGuarantee::target).containsExactly("shop");
        assertThat(uses.get(1).guarantees())
                .extracting(TargetGuarantee::target)
                .containsExactlyInAnyOrder("shop", "archive");
    }

    @Test
    void whatIsGuaranteedIsWhatCheckPrints() throws Exception {
        CheckedRoutes routes = new CheckedRoutes(folder);
        FlowUse use = routes.use(ROUTES, "orders");
        List<String> printed = routes.lines(ROUTES);

        assertThat(printed).containsSubsequence(use.table());
        assertThat(use.table().get(0)).isEqualTo("flow orders");
        assertThat(use.table()).doesNotContain("flow invoices");
        TargetGuarantee shop = use.guarantees().get(0);
        assertThat(shop.target()).isEqualTo("shop");
        assertThat(shop.source()).startsWith("webhook-source at ");
        assertThat(printed).contains("    order      " + shop.order(), "    delivery   " + shop.delivery());
        for (String note : shop.notes()) {
            String[] parts = note.split(": ", 2);
            assertThat(printed).contains(String.format("    %-11s%s", parts[0], parts[1]));
        }
        assertThat(routes.use(ROUTES, "none")).isEqualTo(FlowUse.NONE);
    }

    @Test
    void theDigestOfAFlowIsThatOfItsFiles() throws Exception {
        CheckedRoutes routes = new CheckedRoutes(folder);
        Map<String, String> digests = routes.digests(ROUTES);

        assertThat(digests).containsOnlyKeys("orders", "invoices");
        assertThat(routes.digests(ROUTES)).isEqualTo(digests);
        assertThat(routes.digests(ROUTES.replace("localhost:1/y", "localhost:1/z")))
                .containsOnlyKeys("orders", "invoices")
                .doesNotContainValue(digests.get("orders"));
    }

    @Test
    void aFlowThatKeepsNoDigestsIsNamedWithItsPlace() throws Exception {
        String routes = ROUTES.replace("{ key: \"a\" }", "{ key: \"a\", digests: false }");

        assertThat(new CheckedRoutes(folder).withoutDigests(ROUTES)).isEmpty();
        assertThat(new CheckedRoutes(folder).withoutDigests(routes))
                .containsOnlyKeys("orders")
                .hasEntrySatisfying("orders", place -> assertThat(place).endsWith("routes.camel.yaml:13"));
        assertThat(new CheckedRoutes(folder).lines(routes)).anyMatch(line -> line.contains("digests: false"));
    }

    @Test
    void theReconcileFileOfAFlowThatKeepsNoDigestsIsRefused() throws Exception {
        String routes = ROUTES.replace("parameters: { target: shop }", "parameters: { target: shop, digests: false }");
        Files.writeString(folder.resolve("routes.reconcile.yaml"), """
                flow: orders
                target: shop
                read: { url: "http://localhost:1/orders/{key}" }
                """);

        assertThat(new CheckedRoutes(folder).lines(ROUTES)).isNotEmpty();
        assertThatThrownBy(() -> new CheckedRoutes(folder).lines(routes))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes.reconcile.yaml:1: the flow orders says digests: false (");
    }

    @Test
    void whileRoutesAreReplacedItIsAnswered() throws Exception {
        try (LeanCamelContext context = new LeanCamelContext(true)) {
            Model model = RouteModel.model(context);
            for (int i = 0; i < 20; i++) {
                model.addRouteDefinition(toFlow("kept" + i));
            }
            LoadedFlows flows = new LoadedFlows(() -> context);
            CompletableFuture<Void> replaced = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 300; i++) {
                    try (LoadedFlows.Replacing replacing = flows.replacing()) {
                        replace(model, "kept7");
                    }
                }
            });
            do {
                assertThat(flows.digests()).containsKeys("kept7", "kept19");
                assertThat(flows.withoutDigests()).isEmpty();
            } while (!replaced.isDone());
            assertThat(replaced).succeedsWithin(Patience.MAX);
        }
    }

    private static RouteDefinition toFlow(String name) {
        RouteDefinition route = new RouteDefinition();
        route.setAutoStartup("false");
        route.id(name).from("direct:" + name).to("ledger:" + name);
        return route;
    }

    private static void replace(Model model, String name) {
        try {
            model.removeRouteDefinition(model.getRouteDefinition(name));
            model.addRouteDefinition(toFlow(name));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
