package dev.serai.ledger;

import static dev.serai.ledger.Stage.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.dispatch.DeliveryDeadline;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.CapturedLog;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Every delivery ends: by its outcome, by an exception, or by its deadline. */
class DeliveryDeadlineTest {
    private static final TargetName SHOP = new TargetName(Stage.FLOW, "shop");
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final TargetOptions OPTIONS =
            new TargetOptions(4, 1, true, false, false, 0, Stage.TWICE_MORE, true, false, TIMEOUT);

    private final List<String> got = new ArrayList<>();
    private final Map<String, Consumer<Outcome>> underWay = new HashMap<>();
    private final Set<String> hanging = new HashSet<>();
    private final Set<String> offered = new HashSet<>();
    private final List<String> abandoned = new ArrayList<>();

    /** A target that never answers what hangs, and everything else at once. */
    private final Target target = new Target() {
        @Override
        public void deliver(List<Sending> changes, Consumer<Outcome> done) {
            String id = id(changes);
            got.add(id);
            if (hanging.contains(id) || offered.contains(id)) {
                underWay.put(id, done);
            } else {
                done.accept(OK);
            }
        }

        @Override
        public boolean hasDeadline(List<Sending> changes) {
            return !offered.contains(id(changes));
        }

        @Override
        public void abandon(List<Sending> changes) {
            abandoned.add(id(changes));
        }
    };

    private static String id(List<Sending> changes) {
        return changes.get(0).entry().change().id();
    }

    private void start(Stage stage) {
        start(stage, new TargetCircuit(stage.time));
    }

    private void start(Stage stage, Circuit circuit) {
        stage.ledger.subscribe(SHOP, OPTIONS, target, circuit).start();
        stage.pass();
    }

    private static DeliveryState state(Stage stage, long sequence) {
        return stage.store.deliveries(sequence).stream()
                .map(delivery -> delivery.state())
                .findFirst()
                .orElse(DeliveryState.PENDING);
    }

    private static TargetStatus status(Stage stage) {
        return stage.ledger.flows().get(0).targets().get(0);
    }

    @Test
    void aDeliveryThatHangsFailsAtItsDeadlineAndIsTriedAgain() {
        Stage stage = new Stage();
        start(stage);
        hanging.add("1");
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(TIMEOUT.minusSeconds(1));
        assertThat(got).containsExactly("1");
        assertThat(status(stage).timedOut()).isZero();

        hanging.clear();
        try (CapturedLog log = new CapturedLog(DeliveryDeadline.class)) {
            stage.pass(TIMEOUT.dividedBy(8).plusSeconds(5));
            assertThat(log.lines()).hasSize(1).allMatch(line -> line.startsWith("WARN no outcome within 120000 ms"));
        }

        assertThat(got).containsExactly("1", "1", "2");
        assertThat(abandoned).containsExactly("1");
        assertThat(state(stage, 1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(stage.ledger.attempts(1))
                .as("nothing else succeeded: an outage")
                .isEmpty();
        assertThat(status(stage).timedOut()).isEqualTo(1);
        assertThat(stage.ledger.search().ownTimeouts(SHOP)).isEqualTo(1);
    }

    @Test
    void allSlotsHangingStopATargetOnlyUntilTheDeadline() {
        Stage stage = new Stage();
        start(stage);
        for (int i = 1; i <= 4; i++) {
            stage.send("first-" + i, "k" + i); // keys that succeeded may use all deliveries
        }
        stage.pass();
        for (int i = 1; i <= 4; i++) {
            hanging.add("" + i);
            stage.send("" + i, "k" + i);
        }
        stage.pass();
        stage.send("5", "good");
        stage.pass(TIMEOUT.minusSeconds(1));
        assertThat(got).doesNotContain("5");

        hanging.clear();
        stage.pass(TIMEOUT);

        assertThat(got).contains("5");
        for (int i = 1; i <= 9; i++) {
            assertThat(state(stage, i)).isEqualTo(DeliveryState.DELIVERED);
        }
    }

    @Test
    void anOutcomeAfterTheDeadlineIsIgnoredWithOneLine() {
        Stage stage = new Stage();
        start(stage);
        hanging.add("1");
        stage.send("1", "k");
        stage.pass(TIMEOUT.plus(TIMEOUT.dividedBy(8)).plusMillis(500));
        assertThat(state(stage, 1)).isEqualTo(DeliveryState.PENDING);

        try (CapturedLog log = new CapturedLog(Dispatcher.class)) {
            underWay.get("1").accept(OK);
            assertThat(log.lines()).hasSize(1).allMatch(line -> line.contains("ignored"));
        }
        stage.pass(Duration.ofMillis(200));

        assertThat(state(stage, 1)).isEqualTo(DeliveryState.PENDING);
    }

    @Test
    void whatWaitsForAReaderHasNoDeadline() {
        Stage stage = new Stage();
        start(stage);
        offered.add("1");
        stage.send("1", "k");
        stage.pass(TIMEOUT.multipliedBy(5));
        assertThat(got).containsExactly("1");
        assertThat(status(stage).timedOut()).isZero();

        underWay.get("1").accept(OK);
        stage.pass();
        assertThat(state(stage, 1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void whatWasReadAndThenHangsHasADeadlineAgain() {
        Stage stage = new Stage();
        start(stage);
        offered.add("1");
        stage.send("1", "k");
        stage.pass(TIMEOUT.multipliedBy(3));
        offered.clear();
        stage.pass(TIMEOUT.multipliedBy(2));

        assertThat(state(stage, 1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(status(stage).timedOut()).isEqualTo(1);
    }

    @Test
    void aHangingChangeDoesNotStopTheTargetAfterManyOthers() {
        int span = 40;
        Stage stage = new Stage(span(span));
        start(stage);
        hanging.add("1");
        stage.send("1", "slow");
        stage.send("2", "slow");
        int last = 2 + 3 * span;
        for (int i = 3; i <= last; i++) {
            stage.send("" + i, "k" + i);
            stage.pass(Duration.ofMillis(20));
        }

        assertThat(got).hasSize(last - 1).contains("" + last).doesNotContain("2");
        assertThat(state(stage, 1)).isEqualTo(DeliveryState.WAITING);
        assertThat(state(stage, 2)).isEqualTo(DeliveryState.PARKED);
        assertThat(stage.ledger.attempts(1)).isEmpty();
        stage.pass(Duration.ofSeconds(2));
        assertThat(status(stage).position()).isGreaterThan(2L);
        assertThat(status(stage).delivering()).isEqualTo(1);
        assertThat(status(stage).waiting()).isZero();

        underWay.get("1").accept(OK);
        stage.pass();

        assertThat(state(stage, 1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(got.subList(got.size() - 1, got.size())).containsExactly("2");
        assertThat(state(stage, 2)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aChangeThatGotItsRowWhileUnderWayFailsAndIsTriedAgainInOrder() {
        int span = 40;
        Stage stage = new Stage(span(span));
        start(stage);
        hanging.add("1");
        stage.send("1", "slow");
        for (int i = 2; i <= 2 * span; i++) {
            stage.send("" + i, "k" + i);
            stage.pass(Duration.ofMillis(20));
        }
        stage.send("after", "slow");
        stage.pass();
        assertThat(state(stage, 1)).isEqualTo(DeliveryState.WAITING);
        hanging.clear();
        underWay.get("1").accept(Stage.OOPS);
        stage.pass(Duration.ofSeconds(3));

        assertThat(state(stage, 1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(got.subList(got.size() - 2, got.size())).containsExactly("1", "after");
    }

    @Test
    void anExceptionWhileAnOutcomeIsSettledSendsTheChangeAgain() {
        Stage stage = new Stage();
        Circuit circuit = new TargetCircuit(stage.time);
        int[] failures = {4};
        start(stage, (Circuit) Proxy.newProxyInstance(
                Circuit.class.getClassLoader(), new Class<?>[] {Circuit.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("record") && failures[0]-- > 0) {
                        throw new StackOverflowError("made to fail");
                    }
                    return method.invoke(circuit, arguments);
                }));
        for (int i = 1; i <= 4; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofSeconds(1));

        for (int i = 1; i <= 4; i++) {
            assertThat(state(stage, i)).isEqualTo(DeliveryState.DELIVERED);
        }
        assertThat(got).hasSize(8);
    }

    @Test
    void anInterruptedStopSavesThePositionAndCountsNothing() {
        Stage stage = new Stage();
        Circuit circuit = new TargetCircuit(stage.time);
        Subscription subscription = stage.ledger.subscribe(SHOP, OPTIONS, target, circuit);
        subscription.start();
        stage.pass();
        stage.send("1", "k1");
        stage.pass(Duration.ofMillis(50));
        hanging.add("2");
        stage.send("2", "k2");
        stage.pass(Duration.ofMillis(50));

        Thread.currentThread().interrupt();
        boolean quiet = subscription.close(Duration.ofMinutes(5));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(quiet).isFalse();
        assertThat(stage.store.counts(SHOP).position()).isEqualTo(1);
        try (CapturedLog log = new CapturedLog()) {
            underWay.get("2").accept(new Outcome.Unreachable("the client is closed"));
            stage.pass(TIMEOUT.multipliedBy(2));
            assertThat(log.lines()).isEmpty();
        }
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(stage.ledger.attempts(2)).isEmpty();
        hanging.clear();
        start(stage);
        assertThat(got).containsExactly("1", "2", "2");
    }

    private static Limits span(int max) {
        Limits usual = Limits.DEFAULT;
        return new Limits(
                usual.queuedChangesMax(),
                usual.queuedBytesMax(),
                usual.groupChangesMax(),
                usual.groupBytesMax(),
                usual.windowChangesMax(),
                usual.windowBytesMax(),
                usual.windowsBytesMax(),
                max,
                usual.heldKeysMax(),
                usual.nameCharsMax(),
                usual.lingerMillisMax());
    }
}
