package dev.serai.node.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.node.RunOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteTrialTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final String ROUTES = """
            - route:
                id: in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks, scheme: hmac, secret: "{{no.such.property}}" }
                  steps:
                    - filter:
                        expression: { jq: { expression: '.kind == "order"' } }
                        steps:
                          - setHeader:
                              name: X-At
                              expression: { simple: { expression: "${date-with-timezone:now:UTC:yyyy-MM-dd}" } }
                          - setBody: { expression: { jq: { expression: "{id, total, at: now}" } } }
                          - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}", version: "${jq(.total)}" } }
            - route:
                id: out
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - choice:
                        when:
                          - expression: { jq: { expression: ".total > 100" } }
                            steps:
                              - throwException: { exceptionType: java.lang.IllegalStateException, message: "too much" }
                        otherwise:
                          steps:
                            - to:
                                uri: kamelet:http-sink
                                parameters:
                                  url: "http://shop.example:1/orders/{key}"
                                  method: PUT
                                  scheme: hmac
                                  secret: test-only-secret-01
                                  headers: "Authorization=Bearer test-only"
                            - to: { uri: "http://other.example:1/x?throwExceptionOnFailure=false" }
                            - to: { uri: "kamelet:tcp-sink", parameters: { host: tcp.example, port: 1 } }
                            - to: { uri: "kamelet:file-sink", parameters: { directory: "no/such/folder" } }
                            - to: { uri: "kamelet:kafka-sink", parameters: { topic: orders, brokers: "kafka.example:1" } }
            """;

    @TempDir
    private Path folder;

    private RouteTrial trial;

    private RouteTrial load(String routes) throws Exception {
        return load(routes, "");
    }

    private RouteTrial load(String routes, String properties) throws Exception {
        Files.writeString(folder.resolve("routes.camel.yaml"), routes);
        Path config = Files.writeString(folder.resolve("my.properties"), properties);
        trial = new RouteTrial(
                new RunOptions(
                        List.of(folder.resolve("*").toString()), List.of(), config, folder.resolve("data"), Map.of()),
                NOW);
        try {
            trial.load();
        } catch (Exception e) {
            throw new AssertionError(trial.explain(e).toString(), e);
        }
        return trial;
    }

    @AfterEach
    void close() {
        if (trial != null) {
            trial.close();
        }
    }

    private TrialResult run(String route, String body) {
        return trial.run(
                Objects.requireNonNull(trial.byId(route)),
                Map.of("Content-Type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aMessageGoesThroughItsRouteUpToTheLedgerAndOnToTheTargets() throws Exception {
        load(ROUTES);

        TrialResult in = run("in", "{\"kind\":\"order\",\"id\":\"A-1\",\"total\":12.50}");

        assertThat(in.failure()).isNull();
        assertThat(in.steps()).extracting(TriedStep::kind).containsExactly("filter", "setHeader", "setBody", "to");
        assertThat(in.steps()).extracting(TriedStep::depth).containsExactly(0, 1, 1, 1);
        assertThat(in.steps().get(1).place()).matches(".*routes\\.camel\\.yaml:\\d+");
        assertThat(in.steps().get(1).after().headers()).containsEntry("X-At", "2026-01-01");
        TriedChange change = in.changes().get(0);
        assertThat(change.key()).isEqualTo("A-1");
        assertThat(change.version()).isEqualTo("12.50");
        JsonNode body = MessageView.json(change.body());
        assertThat(body.path("at").decimalValue()).isEqualByComparingTo("1767225600");
        assertThat(body.path("total").asText()).isEqualTo("12.50");

        TrialResult out = trial.deliver(Objects.requireNonNull(trial.byTarget("orders/shop")), change);

        assertThat(out.failure()).isNull();
        assertThat(out.requests())
                .extracting(TriedRequest::method, TriedRequest::address)
                .satisfiesExactly(
                        one -> assertThat(one.toList()).containsExactly("PUT", "http://shop.example:1/orders/A-1"),
                        two -> assertThat(two.toList()).first().isEqualTo("POST"),
                        three -> assertThat(three.toList()).containsExactly("send", "netty:tcp://tcp.example:1"),
                        four -> assertThat(four.toList()).containsExactly("append", "no/such/folder"),
                        five -> assertThat(five.toList()).containsExactly("send", "kafka:orders"));
        TriedRequest first = out.requests().get(0);
        assertThat(first.headers())
                .containsEntry("Idempotency-Key", change.id())
                .containsKey("X-Signature");
        assertThat(out.requests()).allSatisfy(request -> assertThat(MessageView.json(request.body()))
                .isEqualTo(body));
    }

    @Test
    void maskedFieldsAreShownNowhereAndGoThroughTheRouteAsTheyAre() throws Exception {
        load(ROUTES, "serai.mask=$.total");

        TrialResult in = run("in", "{\"kind\":\"order\",\"id\":\"A-1\",\"total\":99.50}");
        TrialResult out = trial.deliver(
                Objects.requireNonNull(trial.byTarget("orders/shop")),
                in.changes().get(0));

        TrialMask mask = trial.mask();
        assertThat(new String(in.changes().get(0).body(), StandardCharsets.UTF_8))
                .contains("99.50");
        assertThat(shown(mask.of(in))).contains("***").doesNotContain("\"total\":99.50");
        assertThat(shown(mask.of(out))).contains("***").doesNotContain("\"total\":99.50");
    }

    /** All bodies of a result, as text. */
    private static String shown(TrialResult result) {
        StringBuilder all = new StringBuilder();
        result.steps().forEach(step -> all.append(step.before()).append(step.after()));
        result.changes().forEach(change -> all.append(new String(change.body(), StandardCharsets.UTF_8)));
        result.requests().forEach(request -> all.append(new String(request.body(), StandardCharsets.UTF_8)));
        return all.toString();
    }

    @Test
    void whatStopsAMessageIsNamed() throws Exception {
        load(ROUTES);

        TrialResult filtered = run("in", "{\"kind\":\"other\"}");
        TrialResult refused = run("in", "{\"kind\":\"order\",\"total\":1}");
        TrialResult unreadable = run("in", "no JSON");
        TriedChange large = run("in", "{\"kind\":\"order\",\"id\":\"A-1\",\"total\":101}")
                .changes()
                .get(0);
        TrialResult failed = trial.deliver(Objects.requireNonNull(trial.byTarget("orders/shop")), large);

        assertThat(filtered.filtered()).isTrue();
        assertThat(filtered.steps().get(0).note()).startsWith("does not match");
        assertThat(Objects.requireNonNull(refused.failure()).status()).isEqualTo(422);
        assertThat(refused.failure().reason()).contains("has no key");
        assertThat(refused.failure().place()).matches(".*routes\\.camel\\.yaml:\\d+");
        assertThat(Objects.requireNonNull(unreadable.failure()).status()).isEqualTo(400);
        assertThat(Objects.requireNonNull(failed.failure()).reason()).isEqualTo("too much");
        assertThat(failed.failure().follows()).contains("tried again");
        assertThat(failed.requests()).isEmpty();
    }
}
