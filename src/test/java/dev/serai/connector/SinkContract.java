package dev.serai.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.support.KameletRunner;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promises of every sink: the ledger learns truly what the target has made of a change. A subclass for each kind of target
 * shows what it has, and takes it away.
 */
public abstract class SinkContract {
    private static final String ROUTES = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: ledger:orders
                        parameters:
                          key: "${header.key}"
                          version: "${header.version}"
                          operation: "${header.operation}"
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop, redeliveryDelay: 50ms, maximumRedeliveries: 3 }
                  steps:
                    - to:
                        uri: kamelet:%s
                        parameters:
            %s
            """;

    @TempDir
    private Path ledger;

    private KameletRunner sink;
    private int version;

    // ---- What a subclass says

    /** The Kamelet's name. */
    protected abstract String kamelet();

    /** Its options as lines of YAML. */
    protected abstract String options();

    protected Map<String, String> properties() {
        return Map.of();
    }

    protected void bind(CamelContext context) {}

    /** The last number that the target has for each key. */
    protected abstract Map<String, Integer> state() throws Exception;

    /** Makes the target refuse this key for good. */
    protected abstract void refuse(String key) throws Exception;

    /** What is sent of a key, for a target that can refuse nothing but what is in the body. */
    protected String bodyOf(String key, String json) {
        return json;
    }

    /** Makes the target fail whatever it gets. */
    protected abstract void takeAway() throws Exception;

    /** Makes it work again, with all that it had. */
    protected abstract void bringBack() throws Exception;

    // ---- How it runs

    private void start() throws Exception {
        sink = new KameletRunner(ledger);
        bind(sink.context);
        sink.with(ROUTES.formatted(kamelet(), options().strip().indent(14).stripTrailing()), properties())
                .start();
    }

    @AfterEach
    protected final void stopSink() {
        if (sink != null) {
            sink.close();
            sink = null;
        }
    }

    private void send(String key, int number) {
        send(key, "{\"id\":\"" + key + "\",\"n\":" + number + ",\"at\":" + (version + 1) + "}", "upsert");
    }

    /** A target to which only the body goes reads there that it is a delete. */
    private void delete(String key) {
        send(key, "{\"id\":\"" + key + "\",\"at\":" + (version + 1) + ",\"gone\":true}", "delete");
    }

    private void send(String key, String body, String operation) {
        version++;
        sink.sendOk("direct:in", bodyOf(key, body), Map.of("key", key, "version", version, "operation", operation));
    }

    private TargetStatus target() {
        return sink.ledger().flows().get(0).targets().get(0);
    }

    private void awaitState(Map<String, Integer> expected) {
        // A target that is written to may be locked for a moment.
        await().ignoreExceptions().untilAsserted(() -> assertThat(state()).isEqualTo(expected));
    }

    private void awaitDelivered(int changes) {
        await().until(() -> target().delivered() == changes);
    }

    private long dead() {
        return sink.ledger().actions().count(DeliveryFilter.ALL, DeliveryState.DEAD);
    }

    // ---- What it promises

    @Test
    public void theLastStateOfEachKeyIsTheTargets() throws Exception {
        start();
        for (int number = 1; number <= 5; number++) {
            send("a", number);
            send("b", 10 * number);
            send("c", 100 * number);
        }

        awaitState(Map.of("a", 5, "b", 50, "c", 500));
        awaitDelivered(15);
        assertThat(dead()).isZero();
    }

    @Test
    public void aDeleteReachesTheTargetInItsPlace() throws Exception {
        start();
        send("a", 1);
        send("b", 1);
        send("c", 1);
        delete("a");
        delete("c");
        send("c", 2);

        awaitDelivered(6);
        awaitState(Map.of("b", 1, "c", 2));
        assertThat(dead()).isZero();
    }

    @Test
    public void whatTheTargetRefusesIsADeadLetterWithTheReasonAndTheOthersArrive() throws Exception {
        refuse("bad");
        start();
        send("a", 1);
        send("bad", 1);
        send("b", 1);

        awaitState(Map.of("a", 1, "b", 1));
        await().until(() -> dead() == 1);
        assertThat(sink.ledger().dead(DeliveryFilter.ALL, 0, 2)).singleElement().satisfies(letter -> {
            assertThat(letter.key()).isEqualTo("bad");
            assertThat(letter.error()).isNotBlank();
        });
        awaitDelivered(2);
    }

    @Test
    public void whileTheTargetIsDownNothingIsGivenUpAndThenAllArrives() throws Exception {
        start();
        send("a", 1);
        awaitDelivered(1);
        takeAway();
        for (int i = 1; i <= 6; i++) {
            send("k" + i, i);
        }
        send("a", 2);
        await().until(() -> target().circuit() != CircuitState.CLOSED);
        assertThat(dead()).isZero();

        bringBack();
        awaitState(Map.of("a", 2, "k1", 1, "k2", 2, "k3", 3, "k4", 4, "k5", 5, "k6", 6));
        awaitDelivered(8);
        assertThat(dead()).isZero();
    }
}
