package dev.serai.ledger.outlet;

import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.TWICE_MORE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.Stage;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys that always succeeded begin to hang, all at once. */
class SlotRecallTest {
    private static final int CONCURRENCY = 64;
    private static final Duration TIME_OUT = Duration.ofSeconds(15);
    private static final Outcome TIMED_OUT = new Outcome.Failed(null, "no answer within 15 s", null, true);

    private final Stage stage = new Stage();
    private final Hanging target = new Hanging();
    private int sent;

    /** Answers in 5 ms, or not within 15 s; can end deliveries early, which takes a while. */
    private final class Hanging implements Target {
        private final Map<List<String>, Consumer<Outcome>> underWay = new HashMap<>();
        private final Map<String, Long> sentAt = new HashMap<>();
        private final Map<String, Long> took = new HashMap<>();
        private final List<String> got = new ArrayList<>();
        private final List<String> recalled = new ArrayList<>();
        private Set<String> hang = new HashSet<>();
        private boolean hangAll;
        private boolean ends = true;
        private int most;
        private Duration usual = Duration.ofMillis(5);

        @Override
        public void deliver(List<Sending> changes, Consumer<Outcome> done) {
            Change change = changes.get(0).entry().change();
            got.add(change.id());
            underWay.put(ids(changes), done);
            most = Math.max(most, underWay.size());
            boolean hangs = hangAll || hang.contains(change.key());
            stage.time.after(hangs ? TIME_OUT : usual, () -> {
                if (underWay.get(ids(changes)) == done) {
                    underWay.remove(ids(changes));
                    took.put(change.id(), stage.time.monotonicMillis() - sentAt.getOrDefault(change.id(), 0L));
                    done.accept(hangs ? TIMED_OUT : OK);
                }
            });
        }

        @Override
        public boolean recall(List<Sending> changes) {
            if (!ends) {
                return false;
            }
            recalled.addAll(ids(changes));
            stage.time.after(
                    Duration.ofMillis(20), () -> underWay.remove(ids(changes)).accept(new Outcome.Interrupted()));
            return true;
        }

        private static List<String> ids(List<Sending> changes) {
            return changes.stream().map(one -> one.entry().change().id()).toList();
        }
    }

    @AfterEach
    void theConcurrencyWasKept() {
        assertThat(target.most).isLessThanOrEqualTo(CONCURRENCY);
    }

    private void start() {
        stage.ledger
                .subscribe(
                        new TargetName(Stage.FLOW, "shop"),
                        TargetOptions.of(CONCURRENCY, TWICE_MORE, true, false),
                        target,
                        new TargetCircuit(stage.time))
                .start();
    }

    private String send(String key) {
        String id = "i" + sent++;
        target.sentAt.put(id, stage.time.monotonicMillis());
        stage.send(id, key);
        return id;
    }

    private TargetStatus status() {
        return stage.ledger.flows().get(0).targets().get(0);
    }

    /** Keys that succeeded, and then hang with a change each. */
    private List<String> hangAtOnce(int keys) {
        start();
        for (int i = 0; i < keys; i++) {
            send("k" + i);
        }
        for (int i = 0; i < 50; i++) {
            send("healthy" + i);
        }
        stage.pass(Duration.ofSeconds(1));
        List<String> hanging = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            target.hang.add("k" + i);
            hanging.add(send("k" + i));
        }
        stage.pass(Duration.ofMillis(50));
        return hanging;
    }

    @Test
    void deliveriesThatBeginToHangOneAfterTheOtherGiveUpTheirSlotsAlthoughNothingElseHappens() {
        start();
        for (int i = 0; i < CONCURRENCY; i++) {
            send("k" + i);
        }
        stage.pass(Duration.ofSeconds(1));
        for (int i = 0; i < CONCURRENCY; i++) {
            target.hang.add("k" + i);
            send("k" + i);
            stage.pass(Duration.ofMillis(10));
        }
        String healthy = send("healthy");

        stage.pass(Duration.ofSeconds(3));

        assertThat(target.took).containsKey(healthy);
    }

    @Test
    void healthyKeysWaitLittleMoreThanASecond() {
        List<String> hanging = hangAtOnce(CONCURRENCY);
        List<String> healthy = new ArrayList<>();
        try (CapturedLog log = new CapturedLog(Outlet.class)) {
            for (int i = 0; i < 4_000; i++) {
                healthy.add(send("healthy" + i % 50));
                stage.pass(Duration.ofMillis(10));
            }
            assertThat(log.lines())
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("WARN orders/shop: deliveries without"));
        }
        assertThat(target.took.keySet()).containsAll(healthy);
        long late = healthy.stream().filter(id -> target.took.get(id) > 300).count();
        assertThat(late).as("late ones of %s", healthy.size()).isLessThan(150);
        assertThat(healthy).allMatch(id -> target.took.get(id) < 1_500);
        assertThat(status().circuit()).isEqualTo(CircuitState.CLOSED);
        assertThat(target.recalled).isSubsetOf(hanging).doesNotHaveDuplicates();
    }

    @Test
    void whatWasEndedEarlyIsTriedAgainWithItsWholeTimeOutAndInOrderAndNotCounted() {
        List<String> hanging = hangAtOnce(CONCURRENCY);
        String waits = send("healthy1");
        stage.pass(Duration.ofSeconds(2));
        assertThat(target.took).containsKey(waits);
        assertThat(target.recalled).hasSizeGreaterThanOrEqualTo(CONCURRENCY / 2);
        String first = target.recalled.get(0);
        int key = hanging.indexOf(first);
        String later = send("k" + key);
        long sequence = stage.ledger
                .changes(new ChangeQuery(Stage.FLOW, null, first, 1))
                .get(0)
                .sequence();
        assertThat(stage.ledger.attempts(sequence)).singleElement().satisfies(attempt -> {
            assertThat(attempt.number()).isZero();
            assertThat(attempt.error()).contains("ended early", "not counted");
        });

        for (int i = 0; i < 100; i++) { // others succeed, so a time-out is the change's own
            send("healthy" + i % 50);
            stage.pass(Duration.ofMillis(500));
        }

        assertThat(target.recalled).doesNotHaveDuplicates();
        assertThat(stage.ledger.attempts(sequence)).extracting(Attempt::number).contains(0, 1);
        target.hang = Set.of();
        stage.pass(Duration.ofMinutes(2));
        List<String> ofKey = target.got.stream()
                .filter(id -> id.equals(first) || id.equals(later))
                .distinct()
                .toList();
        assertThat(ofKey).containsExactly(first, later);
        assertThat(status().pending() + status().waiting() + status().parked()).isZero();
    }

    @Test
    void aTargetThatHangsAsAWholeIsAnOutageAndLittleIsEndedEarly() {
        hangAtOnce(10);
        target.hangAll = true;
        for (int i = 0; i < 300; i++) {
            send("more" + i);
        }
        stage.pass(Duration.ofSeconds(60));

        assertThat(target.recalled).hasSizeLessThanOrEqualTo(CONCURRENCY / 2 + 1);
        assertThat(status().circuit()).isNotEqualTo(CircuitState.CLOSED);
        assertThat(status().dead()).isZero();
    }

    @Test
    void aTargetThatGetsSlowerLosesHalfOfItsDeliveriesOnceAndThenNone() {
        hangAtOnce(0);
        target.usual = Duration.ofSeconds(3);
        for (int i = 0; i < 400; i++) {
            send("more" + i);
        }
        stage.pass(Duration.ofMinutes(2));

        assertThat(target.recalled).hasSizeLessThanOrEqualTo(CONCURRENCY / 2);
        assertThat(status().delivered()).isEqualTo(450);
        assertThat(status().dead()).isZero();
    }

    @Test
    void whatCannotBeEndedKeepsItsSlot() {
        target.ends = false;
        hangAtOnce(CONCURRENCY);
        String waits = send("healthy1");
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.took).doesNotContainKey(waits);
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.took).containsKey(waits);
    }

    @Test
    void nothingIsEndedWhileNobodyWaits() {
        hangAtOnce(CONCURRENCY);
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.recalled).isEmpty();
    }
}
