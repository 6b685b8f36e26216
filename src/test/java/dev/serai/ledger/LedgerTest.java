package dev.serai.ledger;

import static dev.serai.ledger.Stage.DOWN;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static dev.serai.ledger.Stage.OUTAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Stage stage = new Stage();

    @Test
    void aFailingKeyHoldsBackNobodyElse() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.key().equals("bad") ? OOPS : OK;
        stage.send("1", "bad");
        stage.send("2", "bad");
        stage.send("3", "good");
        stage.pass();

        assertThat(target.got).containsExactlyInAnyOrder("1", "3");
        assertThat(target.state(1)).isEqualTo(DeliveryState.WAITING);
        assertThat(target.state(2)).isEqualTo(DeliveryState.PARKED);
        assertThat(target.state(3)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void afterTheLastAttemptTheNextChangeOfTheKeyIsDelivered() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") ? OOPS : OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got).containsExactly("1", "1", "1", "2");
        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        assertThat(target.gotAtMillis.get(1) - target.gotAtMillis.get(0)).isBetween(1_000L, 1_050L);
        assertThat(target.gotAtMillis.get(2) - target.gotAtMillis.get(1)).isBetween(2_000L, 2_050L);
    }

    @Test
    void aDuplicateGetsTheAnswerOfTheFirst() {
        Stage.Scripted target = stage.target("shop", false);
        var first = stage.send("1", "k");
        stage.pass();
        var second = stage.send("1", "k");
        stage.pass();

        assertThat(first.join()).isEqualTo(new Receipt(Stage.FLOW, "1", 1, false));
        assertThat(second.join()).isEqualTo(new Receipt(Stage.FLOW, "1", 1, true));
        assertThat(target.got).containsExactly("1");
    }

    @Test
    void theSameIdWithAnotherBodyIsRefused() {
        stage.send("1", "k", "one");
        var second = stage.send("1", "k", "two");
        stage.pass();

        assertThatThrownBy(second::join).hasCauseInstanceOf(LedgerException.Conflict.class);
        assertThat(stage.store.lastSequence()).isEqualTo(1);
    }

    @Test
    void attemptsDuringAnOutageDoNotCount() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> DOWN;
        stage.send("1", "a");
        stage.send("2", "b");
        stage.pass(Duration.ofHours(1));
        assertThat(stage.store.deliveries(1)).isEmpty();
        target.script = (change, attempt) -> attempt == 1 ? OK : NO;
        stage.pass(Duration.ofSeconds(20));

        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(target.state(2)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void oneProbeAtATimeIsSentDuringAnOutage() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> DOWN;
        for (int i = 0; i < 20; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofMinutes(10));

        assertThat(target.got).as("each key once, then the probes").hasSizeBetween(50, 70);
    }

    @Test
    void afterAnOutageTheBacklogDrainsAtARisingPace() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> DOWN;
        for (int i = 0; i < 2_000; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofMinutes(1));
        target.got.clear();
        target.gotAtMillis.clear();
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(40));

        assertThat(target.got).hasSize(2_000);
        long start = target.gotAtMillis.get(0);
        long inFirst =
                target.gotAtMillis.stream().filter(at -> at < start + 1_000).count();
        long inSecond =
                target.gotAtMillis.stream().filter(at -> at < start + 2_000).count() - inFirst;
        assertThat(inFirst).isBetween(20L, 60L);
        assertThat(inSecond).isBetween(inFirst + 20, 3 * inFirst);
    }

    @Test
    void aChangeThatFailsEveryProbeDoesNotPreventOtherProbes() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("poison") ? OOPS : OK;
        stage.send("poison", "p");
        stage.pass();
        target.script = (change, attempt) -> change.id().equals("poison") ? OUTAGE : DOWN;
        stage.send("1", "a");
        stage.pass(Duration.ofMinutes(1));
        target.script = (change, attempt) -> change.id().equals("poison") ? OUTAGE : OK;
        stage.pass(Duration.ofMinutes(1));

        assertThat(target.state(2)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aLoneChangeThatTimesOutIsTakenForAnOutageAndEachOtherChangeThatGetsThroughCountsOneAttempt() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> DOWN;
        stage.send("poison", "p");
        stage.pass();
        target.script = (change, attempt) -> change.id().equals("poison") ? OUTAGE : OK;
        stage.pass(Duration.ofHours(1));
        assertThat(target.state(1)).isEqualTo(DeliveryState.PENDING);

        for (int i = 1; i <= 3; i++) {
            assertThat(stage.store.attempts(1)).hasSize(i - 1);
            stage.send("" + i, "k" + i);
            stage.pass(Duration.ofMinutes(1));
            assertThat(target.state(i + 1)).isEqualTo(DeliveryState.DELIVERED);
        }

        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        assertThat(stage.store.attempts(1)).hasSize(3);
    }

    @Test
    void aRefusedOutcomeIsWrittenLaterAndItsKeyKeepsItsOrder() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? OOPS : OK;
        stage.store.refuseOutcomes(true);
        stage.send("1", "k");
        stage.send("2", "k");
        stage.send("3", "other");
        stage.pass(Duration.ofSeconds(20));
        assertThat(target.got).containsExactlyInAnyOrder("1", "3");
        assertThat(stage.store.deliveries(2)).isEmpty();
        assertThat(stage.ledger.refusedWrites()).isBetween(4L, 20L);

        stage.store.refuseOutcomes(false);
        stage.pass(Duration.ofMinutes(2));

        assertThat(target.got).containsExactlyInAnyOrder("1", "3", "1", "2");
        assertThat(target.got.get(3)).isEqualTo("2");
        assertThat(List.of(target.state(1), target.state(2), target.state(3))).containsOnly(DeliveryState.DELIVERED);
        assertThat(stage.store.counts(target.name).position()).isEqualTo(3);
    }

    @Test
    void retryAfterIsObeyed() {
        Stage.Scripted target = stage.target("shop", false);
        target.script =
                (change, attempt) -> attempt == 1 ? new Outcome.Failed(503, "busy", Duration.ofSeconds(42), false) : OK;
        stage.send("1", "k");
        stage.pass(Duration.ofSeconds(60));

        assertThat(target.gotAtMillis).hasSize(2);
        assertThat(target.gotAtMillis.get(1) - target.gotAtMillis.get(0)).isBetween(42_000L, 42_050L);
    }

    @Test
    void a429QuietsTheWholeTarget() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1
                ? new Outcome.Failed(429, "slow down", Duration.ofSeconds(30), false)
                : OK;
        stage.send("1", "a");
        stage.pass();
        stage.send("2", "b");
        stage.pass(Duration.ofSeconds(29));
        assertThat(target.got).containsExactly("1");
        stage.pass(Duration.ofSeconds(2));

        assertThat(target.got).containsExactlyInAnyOrder("1", "1", "2");
    }

    @Test
    void aTargetThatIsGoneIsPaused() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> new Outcome.Gone(410, "gone");
        stage.send("1", "a");
        stage.pass();
        stage.send("2", "b");
        stage.pass(Duration.ofHours(1));

        assertThat(target.got).containsExactly("1");
        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        assertThat(stage.store.counts(target.name).pause()).isNotNull();

        target.script = (change, attempt) -> OK;
        stage.ledger.resume(target.name);
        stage.pass();
        assertThat(target.got).containsExactly("1", "2");
    }

    @Test
    void deadLettersReplayInKeyOrder() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> NO;
        for (int i = 1; i <= 3; i++) {
            stage.send("" + i, "k");
        }
        stage.pass();
        target.got.clear();
        target.script = (change, attempt) -> OK;
        var replayed = stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.pass();

        assertThat(replayed.join()).isEqualTo(3);
        assertThat(target.got).containsExactly("1", "2", "3");
    }

    @Test
    void aReplayIsLimitedToItsRate() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> NO;
        for (int i = 0; i < 10; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass();
        target.got.clear();
        target.script = (change, attempt) -> OK;
        stage.replay(DeliveryFilter.ALL, 1, 10);
        stage.pass(Duration.ofMillis(4_500));

        assertThat(target.got).hasSize(5);
    }

    @Test
    void blockHoldsBackTheKeyUntilDiscard() {
        Stage.Scripted target = stage.target("shop", true);
        target.script = (change, attempt) -> change.id().equals("1") ? NO : OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofHours(1));
        assertThat(target.got).containsExactly("1");
        stage.ledger.actions().discard(DeliveryFilter.ALL);
        stage.pass();
        stage.send("3", "k");
        stage.pass();

        assertThat(target.got).containsExactly("1", "2", "3");
        assertThat(target.state(1)).isEqualTo(DeliveryState.DISCARDED);
    }

    @Test
    void blockHoldsBackTheKeyUntilTheDeadLetterExpires() {
        Stage kept = Stage.keeping(new Retention(Duration.ofDays(2), Duration.ofDays(4)));
        Stage.Scripted target = kept.target("shop", true);
        target.script = (change, attempt) -> change.id().equals("1") ? NO : OK;
        kept.send("1", "k");
        kept.send("2", "k");
        kept.passDays(3);
        assertThat(target.got).containsExactly("1");
        kept.passDays(2);
        kept.send("3", "k");
        kept.pass();

        assertThat(target.got).containsExactly("1", "2", "3");
    }

    @Test
    void discardingADeadLetterOfAClosedTargetReleasesTheNextChange() throws Exception {
        Stage.Scripted target = stage.target("shop", true);
        target.script = (change, attempt) -> change.id().equals("1") ? NO : OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass();
        assertThat(target.subscription().close(Duration.ZERO)).isTrue();
        stage.ledger.actions().discard(DeliveryFilter.ALL);
        stage.pass();
        target.start(TargetOptions.of(4, Stage.TWICE_MORE, true, true));
        stage.pass();

        assertThat(target.got).containsExactly("1", "2");
    }

    @Test
    void changesBehindADeadLetterAreDeliveredWhenDeadLettersNoLongerBlock() throws Exception {
        Stage.Scripted target = stage.target("shop", true);
        target.script = (change, attempt) -> change.id().equals("1") ? NO : OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass();
        target.subscription().close(Duration.ZERO);
        target.start(TargetOptions.of(4, Stage.TWICE_MORE, true, false));
        stage.pass();

        assertThat(target.got).containsExactly("1", "2");
    }

    @Test
    void aNewTargetStartsAtLatestOrEarliest() {
        stage.send("1", "k");
        stage.pass();
        Stage.Scripted earliest = stage.target("all", false);
        Stage.Scripted latest = stage.new Scripted("late").start(TargetOptions.of(4, Stage.TWICE_MORE, false, false));
        stage.send("2", "k");
        stage.pass();

        assertThat(earliest.got).containsExactly("1", "2");
        assertThat(latest.got).containsExactly("2");
    }

    @Test
    void outcomesAreNotWrittenTwiceIfTheirCommitSucceededButFailed() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.key().equals("bad") && attempt == 1 ? OOPS : OK;
        stage.pass();
        stage.send("1", "good");
        stage.send("2", "bad");
        stage.send("3", "bad");
        stage.writer().stepOnce();
        stage.store.failCommit(1, true);
        stage.pass(Duration.ofSeconds(5));

        assertThat(stage.ledger.trouble()).isEmpty();
        assertThat(target.got).containsExactly("1", "2", "2", "3", "3");
        assertThat(List.of(target.state(1), target.state(2), target.state(3))).containsOnly(DeliveryState.DELIVERED);
        assertThat(stage.store.attempts(2)).hasSize(1);
    }

    @Test
    void anOutcomeAfterTheSubscriptionWasClosedIsIgnored() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        stage.pass();
        stage.send("1", "k");
        stage.writer().stepOnce();
        assertThat(target.got).containsExactly("1");
        assertThat(target.subscription().close(Duration.ZERO)).isFalse();
        target.start(TargetOptions.of(4, Stage.TWICE_MORE, true, false));
        stage.pass();

        assertThat(target.got).containsExactly("1", "1");
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void pausingAnUnknownTargetIsRefused() {
        var paused = stage.ledger.pause(new TargetName(Stage.FLOW, "nobody"), null, null);
        var sent = stage.send("1", "k");
        stage.pass();

        assertThatThrownBy(paused::join).hasCauseInstanceOf(LedgerException.Invalid.class);
        assertThat(sent.join().sequence()).isEqualTo(1);
    }

    @Test
    void aTargetIsRemovedOnceItsRouteIsStoppedAndThenHoldsNothingBack() throws Exception {
        Stage.Scripted kept = stage.target("shop", false);
        Stage.Scripted gone = stage.target("erp", false);
        gone.script = (change, attempt) -> change.id().equals("1") ? NO : DOWN;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass();
        var refused = stage.ledger.removeTarget(gone.name);
        stage.pass();
        assertThatThrownBy(refused::join)
                .hasCauseInstanceOf(LedgerException.InUse.class)
                .hasMessageContaining("stop its route first");
        assertThat(gone.state(1)).isEqualTo(DeliveryState.DEAD);

        gone.subscription().close(Duration.ZERO);
        var removed = stage.ledger.removeTarget(gone.name);
        stage.passDays(Retention.DEFAULT.settled().toDays() + 1);

        removed.join();
        assertThat(stage.store.targets()).containsExactly(kept.name);
        assertThat(stage.store.entry(1)).isEmpty();
        assertThat(stage.store.entry(2)).isEmpty();
    }

    @Test
    void aRemovedTargetThatIsAddedAgainStartsAsNew() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        stage.send("1", "k");
        stage.pass();
        target.subscription().close(Duration.ZERO);
        stage.ledger.removeTarget(target.name);
        stage.pass();
        Stage.Scripted again = stage.new Scripted("shop").start(TargetOptions.of(4, Stage.TWICE_MORE, false, false));
        stage.send("2", "k");
        stage.pass();

        assertThat(again.got).containsExactly("2");
        assertThat(stage.store.counts(again.name).delivered()).isEqualTo(1);
    }

    @Test
    void aTargetThatIsAddedDuringItsRemovalExists() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        stage.pass();
        target.subscription().close(Duration.ZERO);
        stage.ledger.removeTarget(target.name);
        target.start(TargetOptions.of(4, Stage.TWICE_MORE, true, false)); // the removal is not written yet
        stage.send("1", "k");
        stage.pass();

        assertThat(target.got).containsExactly("1");
    }

    @Test
    void requestsForARemovedTargetHaveNoEffect() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> NO;
        stage.send("1", "k");
        stage.pass();
        target.subscription().close(Duration.ZERO);
        var removed = stage.ledger.removeTarget(target.name);
        var paused = stage.ledger.pause(target.name, null, null);
        var replayed = stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.time.runDue(); // reads the dead letters before they are deleted
        var sent = stage.send("2", "k");
        stage.pass();

        assertThat(List.of(removed, paused)).allMatch(done -> done.isDone() && !done.isCompletedExceptionally());
        assertThat(replayed.join()).isZero();
        assertThat(sent.join().sequence()).isEqualTo(2);
        var unknown = stage.ledger.removeTarget(target.name);
        assertThatThrownBy(unknown::join).hasCauseInstanceOf(LedgerException.Invalid.class);
    }

    @Test
    void aSubscriptionThatNeverStartedDoesNotMoveThePosition() throws Exception {
        Stage.Scripted target = stage.target("shop", false);
        stage.send("1", "k");
        stage.pass();
        target.subscription().close(Duration.ZERO);
        stage.ledger
                .subscribe(
                        target.name,
                        TargetOptions.of(1, Stage.TWICE_MORE, true, false),
                        target,
                        new TargetCircuit(stage.time))
                .close(Duration.ZERO);

        assertThat(stage.store.counts(target.name).position()).isEqualTo(1);
    }

    @Test
    void aTargetHasOneSubscription() {
        Stage.Scripted target = stage.target("shop", false);

        assertThatThrownBy(() -> target.start(TargetOptions.of(4, Stage.TWICE_MORE, true, false)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aChangeWithoutAKeyIsInvalid() {
        var sent = stage.ledger.accept(
                new Change(Stage.FLOW, "1", "", null, Operation.UPSERT, null, Map.of(), new byte[0]));

        assertThatThrownBy(sent::join).hasCauseInstanceOf(LedgerException.Invalid.class);
    }
}
