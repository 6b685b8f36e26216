package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.node.RunOptions;
import dev.serai.support.OrderRoutes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check} says of names that lead nowhere: routes that confirm, flows and targets of reconcile files. */
class CheckedNamesTest {
    private static final String CONFIRMED = OrderRoutes.TO_SHOP.replace(
            "{{target.url}}/orders\"", "{{target.url}}/orders\", confirm: \"direct:isPaid\"");
    private static final String CONFIRMS = """
            - route:
                from:
                  uri: direct:isPaid
                  steps:
                    - setBody: { constant: "true" }
            """;
    private static final String READ = "key: .id\nread: { url: 'http://127.0.0.1:1/orders/{key}' }\n";

    @TempDir
    private Path folder;

    @Test
    void aRouteThatConfirmsIsFoundInAnyFile() throws IOException {
        write("orders.camel.yaml", CONFIRMED);
        write("paid.camel.yaml", CONFIRMS);

        assertThat(check(0)).isEmpty();
    }

    @Test
    void aRouteThatConfirmsAndIsInNoFileIsWarnedOf() throws IOException {
        write("orders.camel.yaml", CONFIRMED);

        assertThat(check(0))
                .contains("orders.camel.yaml:14: confirm asks direct:isPaid, and none of these routes begins with it");
    }

    @Test
    void aReconcileFileOfATargetOfARouteIsGood() throws IOException {
        write("orders.camel.yaml", OrderRoutes.TO_SHOP);
        write("orders.reconcile.yaml", "flow: orders\ntarget: shop\n" + READ);

        assertThat(check(0)).isEmpty();
    }

    @Test
    void aReconcileFileOfNoTargetOfAnyRouteIsRefused() throws IOException {
        write("orders.camel.yaml", OrderRoutes.TO_SHOP);
        write("orders.reconcile.yaml", "flow: orders\ntarget: shpo\n" + READ);
        assertThat(check(2))
                .contains("orders.reconcile.yaml:2: no route delivers the flow orders to shpo, perhaps shop is meant:"
                        + " its targets are shop");

        write("orders.reconcile.yaml", "flow: odrers\ntarget: shop\n" + READ);
        assertThat(check(2)).contains("orders.reconcile.yaml:1: no route delivers the flow odrers");
    }

    private void write(String name, String text) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(routes.resolve(name), text);
    }

    /** What it says on standard error. */
    private String check(int exitCode) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        RunOptions options = new RunOptions(
                List.of(folder.resolve("routes").toString()),
                List.of(),
                null,
                folder.resolve("data"),
                Map.of("target.url", "http://127.0.0.1:1"));
        int code = new Runner(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), err)
                .check(options, false);
        String text = said.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isEqualTo(exitCode);
        return text;
    }
}
