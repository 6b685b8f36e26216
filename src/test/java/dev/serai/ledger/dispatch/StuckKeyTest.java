package dev.serai.ledger.dispatch;

import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static dev.serai.ledger.Stage.TWICE_MORE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.Stage;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Keys whose changes failed, and how they and the other keys continue. */
class StuckKeyTest {
    private static final int CHANGES = 300;
    private static final Outcome TIMED_OUT = new Outcome.Failed(504, "timed out", null, true);

    private final Stage stage = new Stage();

    @Test
    void aKeyThatContinuesIsDeliveredInOrderWithoutACommitForEachChange() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? OOPS : OK;
        send(1, CHANGES);
        stage.pass(Duration.ofMillis(900));
        assertThat(target.got).containsExactly("1");
        assertThat(target.state(CHANGES)).isEqualTo(DeliveryState.PARKED);

        stage.pass(Duration.ofMillis(110)); // the change that failed is delivered
        long commits = stage.store.commits();
        int before = target.got.size();
        for (int millis = 0; millis < 50; millis++) { // the writer does nothing meanwhile
            stage.time.advance(Duration.ofMillis(1));
            stage.time.runDue();
        }
        assertThat(target.got).hasSizeGreaterThan(before + 20);
        assertThat(stage.store.commits()).isEqualTo(commits);

        stage.pass(Duration.ofSeconds(10));
        assertThat(target.got.subList(1, target.got.size())).containsExactlyElementsOf(ids(1, CHANGES));
        assertThat(LongStream.rangeClosed(1, CHANGES).mapToObj(target::state)).containsOnly(DeliveryState.DELIVERED);
    }

    @Test
    void retriesThatWaitToBeSentAreNotReadAgainAndAgain() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> attempt == 1 ? OOPS : OK;
        for (int i = 1; i <= 6; i++) {
            stage.send(String.valueOf(i), "key " + i);
        }
        stage.pass(Duration.ofMillis(500));
        target.takes = change -> Duration.ofMinutes(10); // from now on, which fills all slots
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.got).as("the others wait").hasSizeBetween(7, 11);

        long reads = stage.store.dueReads();
        stage.pass(Duration.ofMinutes(5));
        assertThat(stage.store.dueReads()).isLessThan(reads + 10);

        target.takes = change -> Duration.ofMillis(1);
        stage.pass(Duration.ofHours(2));
        assertThat(target.got).hasSize(12);
    }

    @Test
    void whatArrivesWhileAKeyContinuesFollowsInOrder() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? OOPS : OK;
        send(1, 20);
        stage.pass(Duration.ofMillis(900));
        int sent = 20;
        while (sent < CHANGES) {
            send(sent + 1, sent + 2);
            sent += 2;
            stage.pass(Duration.ofMillis(1));
        }
        stage.pass(Duration.ofSeconds(2));

        assertThat(target.got.subList(1, target.got.size())).containsExactlyElementsOf(ids(1, CHANGES));
    }

    @Test
    void aKeyThatFailsNowAndThenKeepsItsOrder() {
        RedeliveryPolicy policy = new RedeliveryPolicy(5, Duration.ofMillis(50), 1, Duration.ofMillis(50), 0);
        Stage.Scripted target = stage.new Scripted("shop").start(TargetOptions.of(4, policy, true, false));
        target.script = (change, attempt) -> attempt == 1 && Integer.parseInt(change.id()) % 3 == 0 ? OOPS : OK;
        send(1, CHANGES);
        stage.pass(Duration.ofSeconds(60));

        List<String> delivered = target.got.stream().distinct().toList();
        assertThat(delivered).containsExactlyElementsOf(ids(1, CHANGES));
        assertThat(target.got).hasSize(CHANGES + CHANGES / 3);
    }

    @Test
    void aReplayedDeadLetterGoesBeforeTheRestOfItsKey() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") ? Stage.NO : OK;
        send(1, 1);
        stage.pass();
        target.script = (change, attempt) -> change.id().equals("2") && attempt == 1 ? OOPS : OK;
        send(2, CHANGES);
        stage.pass(Duration.ofMillis(1_050)); // the key has begun to continue
        assertThat(target.got).hasSizeBetween(4, CHANGES / 2);
        stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got.lastIndexOf("1")).isBetween(2, CHANGES / 2);
        List<String> rest = new ArrayList<>(target.got.subList(2, target.got.size()));
        rest.remove("1");
        assertThat(rest).containsExactlyElementsOf(ids(2, CHANGES));
    }

    @Test
    void aKeyWithTwoDeadLettersStaysBlockedUntilBothAreGone() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> Stage.NO;
        send(1, 2);
        stage.pass();
        assertThat(target.subscription().close(Duration.ZERO)).isTrue();
        target.script = (change, attempt) -> OK;
        target.start(TargetOptions.of(4, TWICE_MORE, true, true)); // dead letters block from now on
        send(3, 4);
        stage.pass();
        stage.ledger.actions().discard(dead(1));
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.got).containsExactly("1", "2");

        stage.ledger.actions().replay(dead(2));
        stage.pass();
        assertThat(target.got).containsExactly("1", "2", "2", "3", "4");
    }

    @Test
    void aReplayedDeadLetterDoesNotFreeAKeyThatAnotherBlocks() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> Stage.NO;
        send(1, 2);
        stage.pass();
        assertThat(target.subscription().close(Duration.ZERO)).isTrue();
        target.script = (change, attempt) -> OK;
        target.start(TargetOptions.of(4, TWICE_MORE, true, true));
        send(3, 4);
        stage.pass();
        stage.ledger.actions().replay(dead(2));
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.got).containsExactly("1", "2", "2");

        stage.ledger.actions().discard(dead(1));
        stage.pass();
        assertThat(target.got).containsExactly("1", "2", "2", "3", "4");
    }

    @Test
    void theLastDeadLetterIsReplayedWhileTheOneBeforeIsUnderWay() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> Stage.NO;
        send(1, 2);
        stage.pass();
        assertThat(target.subscription().close(Duration.ZERO)).isTrue();
        target.script = (change, attempt) -> OK;
        target.start(TargetOptions.of(4, TWICE_MORE, true, true));
        send(3, 4);
        stage.pass();
        stage.ledger.actions().replay(dead(1));
        while (target.got.size() < 3) {
            stage.time.runDue();
            stage.writer().stepOnce();
        }
        stage.ledger.actions().replay(dead(2));
        for (int millis = 0; millis < 50; millis++) { // the first one is delivered, before the replay is written
            stage.time.advance(Duration.ofMillis(1));
            stage.time.runDue();
        }
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got).containsExactly("1", "2", "1", "2", "3", "4");
    }

    private static DeliveryFilter dead(long sequence) {
        return new DeliveryFilter(null, null, List.of(), List.of(sequence), null, null);
    }

    @Test
    void aPausedTargetContinuesTheKeyWhenItIsResumed() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? OOPS : OK;
        send(1, CHANGES);
        stage.pass(Duration.ofMillis(1_050));
        stage.ledger.pause(target.name, null, null);
        stage.pass();
        int before = target.got.size();
        send(CHANGES + 1, CHANGES + 5);
        stage.pass(Duration.ofSeconds(5));
        assertThat(before).isBetween(2, CHANGES);
        assertThat(target.got).hasSize(before);
        stage.ledger.resume(target.name);
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got.subList(1, target.got.size())).containsExactlyElementsOf(ids(1, CHANGES + 5));
    }

    @Test
    void retriesThatHangLeaveHalfOfTheDeliveriesToOthers() {
        Hanging target = new Hanging("shop", 4);
        for (int key = 1; key <= 8; key++) {
            stage.send("hang-" + key, "hang-" + key);
        }
        stage.pass();
        target.answer(OOPS); // all at once: their retries hang
        stage.pass(Duration.ofSeconds(30));
        assertThat(target.open).hasSize(2);

        stage.send("good", "good");
        stage.pass();
        assertThat(target.delivered).contains("good");
    }

    /** A million of them took more than half of the work. */
    @Test
    void retriesThatAllFailLeaveMostTurnsToTheOthers() {
        RedeliveryPolicy soon = new RedeliveryPolicy(9_999, Duration.ofMillis(1), 1, Duration.ofMillis(1), 0);
        Stage.Scripted target = stage.new Scripted("shop").start(TargetOptions.of(4, soon, true, false));
        target.script = (change, attempt) -> change.key().startsWith("bad") ? OOPS : OK;
        for (int i = 0; i < 100; i++) {
            stage.send("good " + i, "good " + i);
            stage.send("bad " + i, "bad " + i);
            stage.pass(Duration.ofMillis(2));
        }
        int before = target.got.size();
        for (int i = 0; i < 1_500; i++) {
            stage.send("more " + i, "good " + i % 100);
        }
        stage.pass(Duration.ofSeconds(2));

        List<String> meanwhile = target.got.subList(before, target.got.lastIndexOf("more 1499"));
        assertThat(meanwhile.stream().filter(id -> id.startsWith("bad")).count())
                .isBetween(60L, 180L);
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(2));
        assertThat(LongStream.rangeClosed(1, 1_700).mapToObj(target::state)).containsOnly(DeliveryState.DELIVERED);
    }

    @Test
    void keysThatSucceededKeepAQuarterWhileNewKeysHang() {
        Hanging target = new Hanging("shop", 4);
        stage.send("good-1", "good");
        stage.pass();
        for (int key = 1; key <= 64; key++) {
            stage.send("hang-" + key, "hang-" + key);
            stage.pass(Duration.ofSeconds(2)); // one after the other: each is known to be slow when the next is sent
        }
        stage.send("good-2", "good");
        stage.pass();

        assertThat(target.delivered).containsExactly("good-1", "good-2");
    }

    @Test
    void newKeysThatHangDoNotTakeAllDeliveriesOfANewTarget() {
        Hanging target = new Hanging("shop", 4);
        for (int key = 1; key <= 64; key++) {
            stage.send("hang-" + key, "hang-" + key);
        }
        stage.pass();
        assertThat(target.open).hasSize(2);
    }

    @Test
    void aKeyThatComesAfterManyThatHangIsDeliveredAllTheSame() {
        Hanging target = new Hanging("shop", 16);
        for (int key = 1; key <= 64; key++) {
            stage.send("hang-" + key, "hang-" + key);
        }
        stage.pass();
        stage.send("good-1", "good-1");
        stage.pass(Duration.ofSeconds(2));
        assertThat(target.delivered).containsExactly("good-1");

        stage.send("good-2", "good-1");
        stage.pass();
        assertThat(target.delivered).containsExactly("good-1", "good-2");
    }

    @Test
    void aProbeReachesAKeyThatComesAfterManyThatHang() {
        Hanging target = new Hanging("shop", 2);
        for (int key = 1; key <= 64; key++) {
            stage.send("hang-" + key, "hang-" + key);
        }
        stage.pass(Duration.ofSeconds(15));
        target.answer(TIMED_OUT); // the target counts as down
        stage.send("good", "good");
        for (int probe = 0; probe < 3; probe++) {
            stage.pass(Duration.ofSeconds(15));
            target.answer(TIMED_OUT);
        }
        assertThat(target.delivered).containsExactly("good");
    }

    @Test
    void moreStuckKeysThanMemoryHoldsDoNotStopHealthyOnes() {
        Stage small = new Stage(new Limits(16, 20_000, 6, 8_000, 8, 12_000, 12_000, 100, 4, 64, 4));
        Stage.Scripted target = small.target("shop", false);
        target.script = (change, attempt) -> change.key().startsWith("bad") ? OOPS : OK;
        for (int i = 0; i < 50; i++) {
            small.send("bad " + i, "bad " + i);
            small.pass(Duration.ofMillis(2));
        }
        for (int i = 0; i < 50; i++) {
            small.send("second " + i, "bad " + i);
            small.send("good " + i, "good " + i);
            small.pass(Duration.ofMillis(2));
        }
        assertThat(LongStream.range(0, 50).mapToObj(i -> "good " + i))
                .allSatisfy(id -> assertThat(target.got).contains(id));
        assertThat(target.got).noneMatch(id -> id.startsWith("second"));

        target.script = (change, attempt) -> OK;
        small.pass(Duration.ofMinutes(2));
        for (int i = 0; i < 50; i++) {
            assertThat(target.got.indexOf("second " + i)).isGreaterThan(target.got.lastIndexOf("bad " + i));
            small.send("third " + i, "bad " + i);
            small.pass(Duration.ofMillis(20));
        }
        assertThat(LongStream.rangeClosed(1, 200).mapToObj(target::state)).containsOnly(DeliveryState.DELIVERED);
    }

    @Test
    void keysThatContinueTogetherTakeBoundedMemory() {
        Stage small = new Stage(new Limits(2_000, 8_000_000, 600, 2_000_000, 2_000, 90_000, 90_000, 2_000, 900, 64, 4));
        Stage.Scripted target = small.new Scripted("shop").start(TargetOptions.of(300, TWICE_MORE, true, false));
        target.script = (change, attempt) -> change.id().endsWith("-0") && attempt == 1 ? OOPS : OK;
        String body = "x".repeat(1_000);
        for (int i = 0; i < 8; i++) {
            for (int key = 0; key < 200; key++) {
                small.send(key + "-" + i, "k" + key, body);
            }
            small.pass(Duration.ofMillis(20));
        }
        long most = 0;
        while (small.time.monotonicMillis() < 20_000) {
            small.pass(Duration.ofMillis(1));
            most = Math.max(most, target.dispatcher().bytesOfStuckKeys());
        }
        assertThat(most).isBetween(18_000L, 108_000L);
        assertThat(LongStream.rangeClosed(1, 1_600).mapToObj(target::state)).containsOnly(DeliveryState.DELIVERED);
        for (int key = 0; key < 200; key++) {
            String prefix = key + "-";
            assertThat(target.got.stream().filter(id -> id.startsWith(prefix)).distinct())
                    .isSortedAccordingTo(java.util.Comparator.comparing(id -> id));
        }
    }

    @Test
    void aKeyThatIsTakenForStuckIsDeliveredInOrder() {
        Stage small = new Stage(new Limits(16, 20_000, 6, 8_000, 8, 12_000, 12_000, 100, 1, 64, 4));
        Stage.Scripted target = small.target("shop", false);
        target.script = (change, attempt) -> change.id().startsWith("bad") && attempt == 1 ? OOPS : OK;
        for (String key : List.of("a", "b", "c")) {
            small.send("bad " + key, key);
        }
        small.pass(Duration.ofSeconds(2)); // all continue, and two of them are still in the filter
        long commits = small.store.commits();
        for (int i = 1; i <= 5; i++) {
            small.send("c" + i, "c");
        }
        small.pass();
        assertThat(small.store.commits()).isGreaterThan(commits);
        assertThat(target.got.subList(6, 11)).containsExactly("c1", "c2", "c3", "c4", "c5");

        small.pass(Duration.ofMinutes(2)); // the filter is read anew
        small.send("c6", "c");
        small.pass(Duration.ofMillis(2));
        assertThat(target.got).last().isEqualTo("c6");
        assertThat(target.state(9)).isEqualTo(DeliveryState.DELIVERED);
    }

    private void send(int from, int to) {
        for (int id = from; id <= to; id++) {
            stage.send(Integer.toString(id), "k");
        }
    }

    private static List<String> ids(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    /** A target that does not answer for keys that begin with "hang" until it is told to. */
    private final class Hanging implements Target {
        private final List<String> delivered = new ArrayList<>();
        private List<Consumer<Outcome>> open = new ArrayList<>();

        private Hanging(String name, int concurrency) {
            TargetName target = new TargetName(Stage.FLOW, name);
            stage.ledger
                    .subscribe(
                            target,
                            TargetOptions.of(concurrency, TWICE_MORE, true, false),
                            this,
                            new TargetCircuit(stage.time))
                    .start();
        }

        @Override
        public void deliver(List<Sending> changes, Consumer<Outcome> done) {
            String id = changes.get(0).entry().change().id();
            if (id.startsWith("hang")) {
                open.add(done);
            } else {
                delivered.add(id);
                stage.time.after(Duration.ofMillis(1), () -> done.accept(OK));
            }
        }

        /** Answers all that hang now, and what is sent in their place, until every key has had its first attempt. */
        private void answer(Outcome outcome) {
            for (int round = 0; round < 4; round++) {
                List<Consumer<Outcome>> now = open;
                open = new ArrayList<>();
                now.forEach(done -> done.accept(outcome));
                stage.pass(Duration.ofMillis(50));
            }
        }
    }
}
