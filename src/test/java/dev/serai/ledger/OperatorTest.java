package dev.serai.ledger;

import static dev.serai.ledger.Stage.DOWN;
import static dev.serai.ledger.Stage.FLOW;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static dev.serai.ledger.Stage.TWICE_MORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.serai.ledger.DeliverySearch.FoundDelivery;
import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store.CauseCount;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.store.JdbcStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of deliveries that have not ended well, and what they do about them, in a ledger on disk. */
class OperatorTest {
    private static final Set<DeliveryState> WAITS =
            EnumSet.of(DeliveryState.PENDING, DeliveryState.DELIVERING, DeliveryState.WAITING, DeliveryState.PARKED);
    private static final String REASON = "skipped by an operator: wrong customer";

    @TempDir
    Path folder;

    private JdbcStore store;
    private Stage stage;
    private Stage.Scripted target;

    @BeforeEach
    void open() {
        store = JdbcStore.open(folder.resolve("ledger.db"));
        stage = Stage.over(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Change 1 of key k failed, 2 to 4 are blocked behind it; it is due again in a second. */
    private void stuckKey(boolean block) {
        target = stage.target("shop", block);
        target.script = (change, attempt) -> change.id().equals("1") ? OOPS : OK;
        for (int i = 1; i <= 4; i++) {
            stage.send("" + i, "k");
        }
        stage.pass();
        assertThat(target.got).containsExactly("1");
    }

    private static DeliveryFilter key(String key) {
        return new DeliveryFilter(null, null, List.of(key), List.of(), null, null);
    }

    private static DeliveryFilter cause(Outcome failed) {
        Outcome.Failed one = (Outcome.Failed) failed;
        return new DeliveryFilter(
                null,
                null,
                List.of(),
                List.of(),
                null,
                Cause.of(one.status(), one.error()).hash(),
                null,
                null,
                null);
    }

    private List<FoundDelivery> found(DeliveryFilter filter, Set<DeliveryState> states) {
        return stage.ledger.search().find(filter, states, 0, 1_000).found();
    }

    private Delivery delivery(long sequence) {
        return store.deliveries(sequence).get(0);
    }

    // ---- Seeing

    @Test
    void aStuckKeyIsListedOldestFirstWithWhatStandsBehind() {
        stuckKey(false);

        List<FoundDelivery> found = found(DeliveryFilter.ALL, WAITS);
        assertThat(found).extracting(one -> one.entry().sequence()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(found)
                .extracting(one -> one.delivery().state())
                .containsExactly(
                        DeliveryState.WAITING, DeliveryState.PARKED, DeliveryState.PARKED, DeliveryState.PARKED);
        assertThat(found).extracting(FoundDelivery::behind).containsExactly(3, 2, 1, 0);
        assertThat(found.get(0).delivery().error()).isEqualTo("oops");
        assertThat(found.get(0).delivery().dueAt()).isAfter(stage.time.instant());
        assertThat(found.get(0).delivery().finishedAt()).isNull();
        assertThat(found(key("k"), WAITS)).isEqualTo(found);
        assertThat(found(cause(OOPS), WAITS)).hasSize(1);
        assertThat(found(new DeliveryFilter(FLOW, "shop", List.of(), List.of(3L), null, null), WAITS))
                .hasSize(1);
        assertThat(found(DeliveryFilter.ALL, EnumSet.of(DeliveryState.WAITING))).hasSize(1);
    }

    @Test
    void whatIsUnderWayIsListedAsDeliveringOnly() {
        target = stage.target("shop", false);
        target.takes = change -> Duration.ofSeconds(5);
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass();

        assertThat(found(DeliveryFilter.ALL, WAITS))
                .extracting(one -> one.delivery().state())
                .containsExactly(DeliveryState.DELIVERING, DeliveryState.PENDING);
        assertThat(found(DeliveryFilter.ALL, EnumSet.of(DeliveryState.DELIVERING)))
                .hasSize(1);
        assertThat(found(DeliveryFilter.ALL, EnumSet.of(DeliveryState.PENDING)))
                .extracting(one -> one.entry().sequence())
                .containsExactly(2L);
    }

    @Test
    void pagesFollowOneAnotherOverAllTargets() {
        for (String name : List.of("a", "b", "c")) {
            stage.target(name, false).script = (change, attempt) -> NO;
        }
        for (int i = 1; i <= 15; i++) { // fewer than those that would count as an outage
            stage.send("" + i, "k" + i);
        }
        stage.pass();
        List<Long> listed = new ArrayList<>();
        Long after = 0L;
        while (after != null) {
            DeliverySearch.FoundPage page =
                    stage.ledger.search().find(DeliveryFilter.ALL, EnumSet.of(DeliveryState.DEAD), after, 4);
            page.found().forEach(one -> listed.add(one.entry().sequence()));
            after = page.next();
        }
        assertThat(listed).hasSize(45).isSorted();
        assertThat(listed.stream().distinct()).hasSize(15);
    }

    @Test
    void failuresAreGroupedByCauseAndTarget() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> change.key().startsWith("bad")
                ? new Outcome.Refused(422, "order " + change.id() + " is unknown")
                : OOPS;
        for (int i = 1; i <= 3; i++) {
            stage.send("" + i, "bad" + i);
        }
        stage.send("4", "bad1");
        stage.send("5", "other");
        stage.pass();

        List<CauseCount> causes = stage.ledger.search().causes(null, null);
        assertThat(causes).hasSize(2);
        CauseCount dead = causes.get(0);
        assertThat(dead.state()).isEqualTo(DeliveryState.DEAD);
        assertThat(dead.count()).isEqualTo(4);
        assertThat(dead.keys()).isEqualTo(3);
        assertThat(dead.example()).isEqualTo(1);
        assertThat(Cause.of(dead.status(), dead.error()).text()).isEqualTo("422 order <number> is unknown");
        assertThat(causes.get(1).state()).isEqualTo(DeliveryState.WAITING);
        assertThat(stage.ledger.search().causes("other", null)).isEmpty();
    }

    @Test
    void theRateOfACauseIsThatOfTheLastMinutes() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> new Outcome.Refused(422, "no");
        stage.send("1", "a");
        stage.pass(DeliverySearch.RECENT.minusSeconds(30));
        stage.send("2", "b");
        stage.pass(Duration.ofSeconds(10));
        assertThat(stage.ledger.search().causes(null, null))
                .extracting(CauseCount::count, CauseCount::recent)
                .containsExactly(tuple(2L, 2L));

        stage.pass(Duration.ofMinutes(1));
        assertThat(stage.ledger.search().causes(null, null))
                .extracting(CauseCount::count, CauseCount::recent)
                .containsExactly(tuple(2L, 1L));
    }

    // ---- Retry

    @Test
    void aRetryDeliversTheKeyInOrderAtOnce() {
        stuckKey(false);
        target.script = (change, attempt) -> OK;
        CompletableFuture<Integer> retried = stage.ledger.actions().retry(key("k"));
        stage.pass(Duration.ofMillis(200));

        assertThat(retried.join()).isEqualTo(1);
        assertThat(target.got).containsExactly("1", "1", "2", "3", "4");
    }

    @Test
    void aRetryWhileTheCircuitIsOpenProbesAtOnceAndLosesNothing() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> change.key().equals("bad") ? OOPS : OK;
        stage.send("0", "good");
        stage.send("1", "bad");
        stage.pass();
        target.script = (change, attempt) -> DOWN;
        for (int i = 2; i <= 6; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofMinutes(2));
        assertThat(target.dispatcher().circuit().state()).isEqualTo(CircuitState.OPEN);
        stage.ledger.actions().retry(DeliveryFilter.ALL);
        stage.pass(Duration.ofMillis(100));
        assertThat(target.dispatcher().circuit().state()).isEqualTo(CircuitState.OPEN);

        target.script = (change, attempt) -> OK;
        stage.ledger.actions().retry(DeliveryFilter.ALL);
        stage.pass(Duration.ofMillis(900));
        assertThat(LongStream.rangeClosed(1, 7).mapToObj(target::state)).containsOnly(DeliveryState.DELIVERED);
    }

    @Test
    void aRetryOfOneCauseLeavesTheOthersWaiting() {
        target = stage.target("shop", false);
        Outcome other = new Outcome.Failed(500, "another error", null, false);
        target.script = (change, attempt) -> change.key().equals("a") ? OOPS : other;
        stage.send("1", "a");
        stage.send("2", "b");
        stage.pass();
        target.script = (change, attempt) -> OK;
        CompletableFuture<Integer> retried = stage.ledger.actions().retry(cause(OOPS));
        stage.pass(Duration.ofMillis(200));

        assertThat(retried.join()).isEqualTo(1);
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(target.state(2)).isEqualTo(DeliveryState.WAITING);
    }

    // ---- Deliver again

    @Test
    void theNewestStateOfAKeyIsDeliveredAgainAndLaterOnesWaitForIt() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> OK;
        Stage.Scripted other = stage.target("other", false);
        other.script = (change, attempt) -> OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass();

        CompletableFuture<Set<Long>> older = redeliver(1);
        CompletableFuture<Set<Long>> newest = redeliver(2);
        stage.send("3", "k");
        stage.pass();

        assertThat(older.join()).isEmpty();
        assertThat(newest.join()).containsExactly(2L);
        assertThat(target.got).containsExactly("1", "2", "2", "3");
        assertThat(other.got).containsExactly("1", "2", "3");
        assertThat(stage.ledger.flow(FLOW).orElseThrow().targets())
                .allSatisfy(one -> assertThat(one.delivered()).isEqualTo(3))
                .allSatisfy(one -> assertThat(one.backlog()).isZero());
    }

    @Test
    void nothingIsDeliveredAgainWhileANewerChangeOfTheKeyWaitsOrIsDead() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> OK;
        stage.send("1", "k");
        stage.pass();
        target.script = (change, attempt) -> OOPS;
        stage.send("2", "k");
        stage.pass(Duration.ofMillis(100));
        CompletableFuture<Set<Long>> waits = redeliver(1);
        stage.ledger.actions().skip(DeliveryFilter.ALL, "enough");
        stage.pass(Duration.ofMillis(100));
        CompletableFuture<Set<Long>> dead = redeliver(1);
        stage.pass(Duration.ofMillis(100));

        assertThat(waits.join()).isEmpty();
        assertThat(dead.join()).isEmpty();
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void ofAGroupOnlyTheNewestStatesAreDeliveredAgain() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.send("3", "other");
        stage.pass();

        CompletableFuture<Set<Long>> due = redeliver(3, 1, 2);
        stage.pass();

        assertThat(due.join()).containsExactlyInAnyOrder(2L, 3L);
        assertThat(target.got).containsExactlyInAnyOrder("1", "2", "3", "2", "3");
    }

    private CompletableFuture<Set<Long>> redeliver(long... sequences) {
        List<Entry> entries = LongStream.of(sequences)
                .mapToObj(sequence -> stage.ledger.change(FLOW, sequence).orElseThrow())
                .toList();
        return stage.ledger.actions().redeliver(target.name, entries);
    }

    // ---- Skip

    @Test
    void aSkippedChangeIsADeadLetterAndItsKeyGoesOnInOrder() {
        stuckKey(false);
        CompletableFuture<DeliveryActions.SkipResult> skip =
                stage.ledger.actions().skip(key("k"), REASON);
        stage.pass(Duration.ofMillis(200));

        assertThat(skip.join()).isEqualTo(new DeliveryActions.SkipResult(1, 0));
        assertThat(target.got).containsExactly("1", "2", "3", "4");
        assertThat(delivery(1).state()).isEqualTo(DeliveryState.DEAD);
        assertThat(delivery(1).error()).isEqualTo(REASON);
        assertThat(store.attempts(1)).as("no attempt was made").hasSize(1);
        assertThat(target.state(4)).isEqualTo(DeliveryState.DELIVERED);

        stage.ledger.actions().replay(DeliveryFilter.ALL);
        target.script = (change, attempt) -> OK;
        stage.pass();
        assertThat(target.got).last().isEqualTo("1");
    }

    @Test
    void aSkippedChangeBlocksItsKeyWhereDeadLettersDo() {
        stuckKey(true);
        stage.ledger.actions().skip(key("k"), REASON);
        stage.pass(Duration.ofMinutes(1));
        assertThat(target.got).containsExactly("1");
        assertThat(delivery(1).state()).isEqualTo(DeliveryState.DEAD);

        stage.ledger.actions().discard(DeliveryFilter.ALL);
        stage.pass();
        assertThat(target.got).containsExactly("1", "2", "3", "4");
    }

    @Test
    void aChangeThatIsBeingDeliveredIsSkippedWhenItsAttemptFails() {
        stuckKey(false);
        target.takes = change -> Duration.ofSeconds(5);
        stage.pass(Duration.ofSeconds(2));
        assertThat(target.got).containsExactly("1", "1");
        CompletableFuture<DeliveryActions.SkipResult> skip =
                stage.ledger.actions().skip(key("k"), REASON);
        stage.pass();
        assertThat(skip.join()).isEqualTo(new DeliveryActions.SkipResult(0, 1));
        assertThat(target.state(1)).isEqualTo(DeliveryState.WAITING);
        assertThat(target.got).as("nothing overtakes it").containsExactly("1", "1");

        target.takes = change -> Duration.ofMillis(1);
        stage.pass(Duration.ofSeconds(6));
        assertThat(delivery(1).state()).isEqualTo(DeliveryState.DEAD);
        assertThat(delivery(1).error()).isEqualTo(REASON);
        assertThat(target.got).containsExactly("1", "1", "2", "3", "4");
    }

    @Test
    void aChangeThatIsBeingDeliveredIsDeliveredIfTheTargetTakesItAlthoughItWasToBeSkipped() {
        stuckKey(false);
        target.takes = change -> Duration.ofSeconds(5);
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(2));
        stage.ledger.actions().skip(key("k"), REASON);
        stage.pass(Duration.ofSeconds(30));

        assertThat(target.got).containsExactly("1", "1", "2", "3", "4");
        assertThat(LongStream.rangeClosed(1, 4).mapToObj(target::state)).containsOnly(DeliveryState.DELIVERED);
    }

    @Test
    void whatIsDueAndNotSentYetIsSkippedToo() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> OOPS;
        for (int i = 1; i <= 20; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofMillis(900));
        target.takes = change -> Duration.ofSeconds(60); // retries hang: some are under way, others are due and wait
        stage.pass(Duration.ofSeconds(3));
        CompletableFuture<DeliveryActions.SkipResult> skip =
                stage.ledger.actions().skip(DeliveryFilter.ALL, REASON);
        stage.pass();

        DeliveryActions.SkipResult done = skip.join();
        assertThat(done.delivering()).isPositive().isLessThan(20);
        assertThat(done.skipped() + done.delivering()).isEqualTo(20);
        stage.pass(Duration.ofMinutes(3));
        assertThat(LongStream.rangeClosed(1, 20).mapToObj(target::state)).containsOnly(DeliveryState.DEAD);
        stage.send("21", "k1");
        target.takes = change -> Duration.ofMillis(1);
        target.script = (change, attempt) -> OK;
        stage.pass();
        assertThat(target.state(21)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aSkipOfManyTakesOneChangeOfEachKey() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> OOPS;
        int keys = 1_100;
        for (int i = 0; i < keys; i++) {
            stage.send("a" + i, "k" + i);
            stage.send("b" + i, "k" + i);
            if (i % 50 == 49) {
                stage.pass(Duration.ofMillis(20));
            }
        }
        stage.pass(Duration.ofMillis(300));
        stage.ledger.pause(target.name, null, null); // so that nothing fails meanwhile
        stage.pass(Duration.ofSeconds(1));
        CompletableFuture<DeliveryActions.SkipResult> skip =
                stage.ledger.actions().skip(DeliveryFilter.ALL, REASON);
        stage.pass();

        assertThat(skip.join().skipped()).as("more than one step").isBetween(501, keys);
        List<FoundDelivery> dead = stage.ledger
                .search()
                .find(DeliveryFilter.ALL, EnumSet.of(DeliveryState.DEAD), 0, 5_000)
                .found();
        assertThat(dead)
                .hasSize(skip.join().skipped())
                .allSatisfy(one -> assertThat(one.entry().change().id()).startsWith("a"));
    }

    @Test
    void aPausedTargetsChangesAreSkippedAndItsKeyGoesOnWhenItIsResumed() {
        stuckKey(false);
        stage.ledger.pause(target.name, null, null);
        stage.pass();
        CompletableFuture<DeliveryActions.SkipResult> skip =
                stage.ledger.actions().skip(key("k"), REASON);
        stage.pass();
        assertThat(skip.join().skipped()).isEqualTo(1);
        assertThat(target.got).containsExactly("1");
        stage.ledger.resume(target.name);
        stage.pass();
        assertThat(target.got).containsExactly("1", "2", "3", "4");
    }

    @Test
    void withoutARouteAChangeIsSkippedAndItsKeyGoesOnWhenTheRouteIsBack() throws Exception {
        stuckKey(false);
        target.subscription().close(Duration.ZERO);
        CompletableFuture<DeliveryActions.SkipResult> skip =
                stage.ledger.actions().skip(key("k"), REASON);
        stage.pass();
        assertThat(skip.join().skipped()).isEqualTo(1);
        assertThat(delivery(1).error()).isEqualTo(REASON);
        target.start(TargetOptions.of(4, TWICE_MORE, true, false));
        stage.pass();
        assertThat(target.got).containsExactly("1", "2", "3", "4");
    }

    // ---- Replays

    private void deadLetters(int count) {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().startsWith("ok") ? OK : NO;
        for (int i = 1; i <= count; i++) { // successes between, so that the target does not count as down
            stage.send("dead" + i, "k" + i);
            stage.send("ok" + i, "ok");
            stage.pass(Duration.ofMillis(10));
        }
        stage.pass();
        assertThat(dead()).isEqualTo(count);
    }

    private long dead() {
        return stage.ledger.actions().count(DeliveryFilter.ALL, DeliveryState.DEAD);
    }

    private Replay replay() {
        return stage.ledger.actions().replays().get(0);
    }

    @Test
    void aReplayShowsHowFarItIsAndHoldsItsPace() {
        deadLetters(30);
        target.script = (change, attempt) -> OK;
        target.got.clear();
        stage.replay(DeliveryFilter.ALL, 10, 30);
        stage.pass(Duration.ofMillis(1_500));
        assertThat(target.got).hasSizeBetween(13, 17);
        assertThat(replay().state()).isEqualTo(ReplayState.RUNNING);
        assertThat(replay().settled()).isBetween(10L, 17L);

        stage.pass(Duration.ofSeconds(5));
        assertThat(replay().state()).isEqualTo(ReplayState.ENDED);
        assertThat(replay().moved()).isEqualTo(30);
        assertThat(replay().settled()).isEqualTo(30);
        assertThat(replay().failed()).isZero();
        assertThat(store.replays()).containsExactly(replay());
    }

    @Test
    void aReplayStopsByItselfWhenTheFirstFailAsBefore() {
        deadLetters(30);
        target.got.clear();
        stage.replay(DeliveryFilter.ALL, 100, 30);
        stage.pass(Duration.ofSeconds(20));

        assertThat(replay().state()).isEqualTo(ReplayState.STOPPED);
        assertThat(replay().reason()).contains("the first 10 failed again as before", "400 no");
        assertThat(replay().moved()).isEqualTo(10);
        assertThat(replay().failed()).isEqualTo(10);
        assertThat(dead()).isEqualTo(30);
        assertThat(target.got).hasSize(10);
    }

    @Test
    void aReplayGoesOnWhenOnlySomeFailAndReplaysNoneTwice() {
        deadLetters(30);
        target.script = (change, attempt) ->
                change.id().equals("dead5") ? OK : change.id().equals("dead1") ? NO : OK;
        target.got.clear();
        stage.replay(DeliveryFilter.ALL, 100, 30);
        stage.pass(Duration.ofSeconds(20));

        assertThat(replay().state()).isEqualTo(ReplayState.ENDED);
        assertThat(replay().settled()).isEqualTo(29);
        assertThat(replay().failed()).isEqualTo(1);
        assertThat(target.got).hasSize(30).doesNotHaveDuplicates();
    }

    @Test
    void anOperatorStopsAReplayAndAnotherTakesWhatIsLeft() {
        deadLetters(30);
        target.script = (change, attempt) -> OK;
        BegunReplay run = stage.replay(DeliveryFilter.ALL, 10, 30);
        stage.pass(Duration.ofSeconds(1));
        assertThat(stage.ledger.actions().stopReplay(run.state().id(), "stopped by an operator"))
                .hasValueSatisfying(stopped -> assertThat(stopped.state()).isEqualTo(ReplayState.STOPPED));
        stage.pass(Duration.ofSeconds(10));
        long left = dead();
        assertThat(left).isBetween(15L, 25L);
        assertThat(run.allMoved().join()).isEqualTo((int) (30 - left));
        assertThat(stage.ledger.actions().stopReplay(99, "x")).isEmpty();

        stage.replay(DeliveryFilter.ALL, 10, left);
        stage.pass(Duration.ofSeconds(10));
        assertThat(dead()).isZero();
        assertThat(stage.ledger.actions().replays()).extracting(Replay::id).containsExactly(2L, 1L);
    }

    @Test
    void aStoppedReplayResumesWithWhatIsLeftAndReplaysNoneTwice() {
        deadLetters(30);
        target.script = (change, attempt) -> change.id().equals("dead1") ? NO : OK;
        target.got.clear();
        long id = stage.replay(DeliveryFilter.ALL, 10, 30).state().id();
        stage.pass(Duration.ofSeconds(1));
        stage.ledger.actions().stopReplay(id, "stopped by an operator");
        stage.pass(Duration.ofSeconds(10));
        long before = replay().moved();

        BegunReplay again = stage.ledger.actions().resumeReplay(id);
        assertThat(again.state().state()).isEqualTo(ReplayState.RUNNING);
        assertThat(again.state().reason()).isNull();
        assertThat(again.state().matched()).isEqualTo(30);
        stage.pass(Duration.ofSeconds(10));

        assertThat(before).isBetween(5L, 25L);
        assertThat(replay().state()).isEqualTo(ReplayState.ENDED);
        assertThat(replay().moved()).isEqualTo(30);
        assertThat(again.allMoved().join()).isEqualTo(30);
        assertThat(dead()).as("died again").isEqualTo(1);
        assertThat(target.got).hasSize(30).doesNotHaveDuplicates();
        assertThat(store.replays()).containsExactly(replay());
        assertThatThrownBy(() -> stage.ledger.actions().resumeReplay(id)).hasMessage("replay 1 is not stopped");
        assertThatThrownBy(() -> stage.ledger.actions().resumeReplay(99)).hasMessage("replay 99 is not stopped");
    }

    @Test
    void aReplayThatWasStoppedBeforeARestartResumesAfterIt() {
        deadLetters(30);
        target.script = (change, attempt) -> OK;
        target.got.clear();
        long id = stage.replay(DeliveryFilter.ALL, 10, 30).state().id();
        stage.pass(Duration.ofSeconds(1));
        stage.ledger.actions().stopReplay(id, "stopped by an operator");
        stage.pass(Duration.ofSeconds(10));
        long before = replay().moved();
        stage = stage.reopened();
        target = stage.target("shop", false);
        stage.pass(Duration.ofSeconds(10));
        assertThat(dead()).isEqualTo(30 - before);

        stage.ledger.actions().resumeReplay(id);
        stage.pass(Duration.ofSeconds(10));
        assertThat(dead()).isZero();
        assertThat(replay().moved()).isEqualTo(30);
        assertThat(target.got).hasSize((int) (30 - before));
    }

    @Test
    void aReplayContinuesAfterARestart() {
        deadLetters(30);
        target.script = (change, attempt) -> OK;
        stage.replay(DeliveryFilter.ALL, 10, 30);
        stage.pass(Duration.ofSeconds(1));
        stage = stage.reopened();
        target = stage.target("shop", false);
        stage.pass(Duration.ofSeconds(10));

        assertThat(dead()).isZero();
        assertThat(replay().state()).isEqualTo(ReplayState.ENDED);
        assertThat(replay().moved()).isEqualTo(30);
        assertThat(target.got).hasSizeBetween(18, 25);
    }

    @Test
    void aReplayOfOneKeyKeepsItsOrder() {
        target = stage.target("shop", false);
        target.script = (change, attempt) -> NO;
        for (int i = 1; i <= 8; i++) {
            stage.send("" + i, "k");
        }
        stage.pass();
        target.script = (change, attempt) -> OK;
        target.got.clear();
        stage.replay(key("k"), 100, 8);
        stage.pass(Duration.ofSeconds(2));

        assertThat(target.got)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 8).mapToObj(Integer::toString).toList());
    }
}
