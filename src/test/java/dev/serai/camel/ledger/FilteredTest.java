package dev.serai.camel.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step of the target's route keeps back is filtered, not delivered. */
class FilteredTest {
    private static final String ROUTES = """
            - beans: [ { name: seen, type: "org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository" } ]
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${header.key}" } }
            - route:
                from:
                  uri: direct:sync
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${header.key}", mode: sync, timeout: 100s } }
            - route:
                from:
                  uri: direct:called
                  steps:
                    - filter: { simple: "${header.CamelLedgerKey} == 'go'", steps: [ SEND ] }
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop, redeliveryDelay: 50ms }
                  steps:
                    - STEP
            """;

    private static final String SEND = "{ to: { uri: \"kamelet:http-sink\", parameters: { url: \"{{shop}}/x\" } } }";

    @TempDir
    private Path data;

    private final RemoteSide shop = new RemoteSide(asked -> Answer.json("{}"));
    private KameletRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        shop.close();
    }

    private void run(String step) throws Exception {
        String routes = ROUTES.replace("STEP", step).replace("SEND", SEND);
        runner = new KameletRunner(data)
                .with(routes, Map.of("shop", shop.url("")))
                .start();
    }

    private DeliveryState end(String key) {
        await().atMost(Patience.MAX).until(() -> runner.accepted("orders").stream()
                .filter(entry -> entry.change().key().equals(key))
                .flatMap(entry -> runner.ledger().deliveries(entry).stream())
                .anyMatch(delivery -> delivery.state().isSettled()));
        return runner.accepted("orders").stream()
                .filter(entry -> entry.change().key().equals(key))
                .flatMap(entry -> runner.ledger().deliveries(entry).stream())
                .map(Delivery::state)
                .findFirst()
                .orElseThrow();
    }

    private void send(String key) {
        runner.sendOk("direct:in", "{}".getBytes(UTF_8), Map.of("key", key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "filter: { simple: \"${header.CamelLedgerKey} == 'go'\", steps: [ SEND ] }",
                "choice: { when: [ { simple: \"${header.CamelLedgerKey} == 'go'\", steps: [ SEND ] } ] }",
                "choice: { when: [ { simple: \"${header.CamelLedgerKey} == 'stay'\", steps: [ { stop: {} } ] } ] }\n        - to: { uri: \"kamelet:http-sink\", parameters: { url: \"{{shop}}/x\" } }",
                "filter: { simple: \"${header.CamelLedgerKey} == 'go'\", steps: [ { multicast: { steps: [ SEND, SEND ] } } ] }",
                "filter: { simple: \"${header.CamelLedgerKey} == 'go'\", steps: [ { split: { constant: \"1\", steps: [ SEND ] } } ] }",
                "to: { uri: \"direct:called\" }",
            })
    void whatIsKeptBackIsFilteredAndWhatIsSentIsDelivered(String step) throws Exception {
        run(step);
        send("stay");
        send("go");

        assertThat(end("stay")).isEqualTo(DeliveryState.FILTERED);
        assertThat(end("go")).isEqualTo(DeliveryState.DELIVERED);
        assertThat(shop.asked).isNotEmpty();
    }

    @Test
    void aFilterBesideAStepThatSendsKeepsNothingBack() throws Exception {
        run(
                "filter: { simple: \"${header.CamelLedgerKey} == 'go'\", steps: [ { setHeader: { name: extra, constant: \"1\" } } ] }\n        - to: { uri: \"kamelet:http-sink\", parameters: { url: \"{{shop}}/x\" } }");
        send("stay");

        assertThat(end("stay")).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aSenderThatWaitsIsToldThatItsChangeWasFiltered() throws Exception {
        run("filter: { simple: \"${header.CamelLedgerKey} == 'go'\", steps: [ SEND ] }");

        Exchange answered = runner.sendOk("direct:sync", "{}".getBytes(UTF_8), Map.of("key", "stay"));

        assertThat(answered.getMessage().getHeader(LedgerConstants.OUTCOME)).isEqualTo("filtered");
    }
}
