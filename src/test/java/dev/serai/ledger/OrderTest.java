package dev.serai.ledger;

import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.JdbcStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the options of order promise: with a version guard, and when they change while changes wait. */
class OrderTest {
    private static final TargetOptions ORDERED = TargetOptions.of(4, Stage.TWICE_MORE, true, false);

    private final Stage stage = new Stage();
    private final Stage.Scripted target = stage.new Scripted("shop");

    private static TargetOptions unordered(int batchSize, boolean versionGuard) {
        return new TargetOptions(4, batchSize, false, false, versionGuard, 0, Stage.TWICE_MORE, true, false);
    }

    @Test
    void withAVersionGuardNoOlderStateArrivesAfterANewerOneEvenWithoutAnOrder() {
        target.takes = change -> Duration.ofMillis(change.id().equals("1") ? 100 : 1);
        target.start(unordered(1, true));
        stage.sendVersion("1", "k", "1");
        stage.sendVersion("2", "k", "2");
        stage.sendVersion("3", "other", "1");
        stage.pass(Duration.ofMillis(50));
        assertThat(target.got).containsExactlyInAnyOrder("1", "3");
        stage.pass(Duration.ofMillis(200));

        assertThat(target.got).containsExactly("1", "3", "2");
    }

    @Test
    void whatStillWaitsForTheVersionGuardIsNotSentAfterTheSubscriptionWasClosed() throws Exception {
        target.start(unordered(1, true));
        stage.pass();
        stage.send("1", "k");
        stage.writer().stepOnce(); // picked, and the store is to be asked for the version
        assertThat(target.subscription().close(Duration.ZERO)).isFalse();
        stage.pass(Duration.ofSeconds(1));

        assertThat(target.got).isEmpty();
        assertThat(target.state(1)).isEqualTo(DeliveryState.PENDING);
    }

    @Test
    void withAVersionGuardABatchHasOneChangeOfAKeyEvenWithoutAnOrder() {
        target.start(unordered(10, true));
        stage.sendVersion("1", "k", "1");
        stage.sendVersion("2", "k", "2");
        stage.sendVersion("3", "k", "3");
        stage.pass();

        assertThat(target.batches).allSatisfy(batch -> assertThat(batch).hasSize(1));
        assertThat(target.got).containsExactly("1", "2", "3");
    }

    @Test
    void whatWaitsGetsTheOrderOfItsKeyWhenTheTargetIsGivenAnOrder() throws Exception {
        target.script =
                (change, attempt) -> change.id().equals("1") || change.id().equals("2") ? OOPS : OK;
        target.start(unordered(1, false));
        stage.send("1", "k");
        stage.pass(Duration.ofMillis(500));
        stage.send("2", "k");
        stage.send("3", "k");
        stage.send("4", "other");
        stage.pass(Duration.ofMillis(20));
        assertThat(target.got).containsExactlyInAnyOrder("1", "2", "3", "4");
        target.script = (change, attempt) -> change.id().equals("1") && attempt < 3 ? OOPS : OK;
        target.restart(ORDERED);
        assertThat(target.state(1)).isEqualTo(DeliveryState.WAITING);
        assertThat(target.state(2)).isEqualTo(DeliveryState.PARKED);
        stage.send("5", "k");
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got.subList(4, target.got.size())).containsExactly("1", "1", "2", "5");
        assertThat(stage.store.attempts(2)).hasSize(1);
    }

    @Test
    void whatIsPendingGoesBeforeALaterChangeOfItsKeyThatWaits() throws Exception {
        target.script = (change, attempt) -> change.id().equals("2") ? OOPS : OK;
        target.takes = change -> change.id().equals("1") ? Duration.ofHours(1) : Duration.ofMillis(1);
        target.start(unordered(1, false));
        stage.send("1", "k");
        stage.send("2", "k");
        stage.send("3", "other");
        stage.pass(Duration.ofMillis(20));
        assertThat(target.state(2)).isEqualTo(DeliveryState.WAITING);
        target.script = (change, attempt) -> OK;
        target.takes = change -> Duration.ofMillis(1);
        target.restart(ORDERED);
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got.subList(3, target.got.size())).containsExactly("1", "2");
    }

    @Test
    void whatIsPendingGoesBeforeALaterDeadLetterThatWasReplayedWithoutAnOrder() throws Exception {
        target.script = (change, attempt) -> change.id().equals("2") ? NO : OK;
        target.takes = change -> change.id().equals("1") ? Duration.ofHours(1) : Duration.ofMillis(1);
        target.start(unordered(1, false));
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofMillis(20));
        assertThat(target.state(2)).isEqualTo(DeliveryState.DEAD);
        target.script = (change, attempt) -> OOPS;
        stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.pass(Duration.ofMillis(20));
        assertThat(target.state(2)).isEqualTo(DeliveryState.WAITING);
        target.script = (change, attempt) -> OK;
        target.takes = change -> Duration.ofMillis(1);
        target.restart(ORDERED);
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got.subList(target.got.size() - 2, target.got.size())).containsExactly("1", "2");
    }

    @Test
    void whatIsPendingGoesBeforeALaterDeadLetterThatIsReplayedOnceTheTargetHasAnOrder(@TempDir Path folder)
            throws Exception {
        for (Store store : List.of(new MemoryStore(), JdbcStore.open(folder.resolve("ledger.db")))) {
            Stage over = Stage.over(store);
            Stage.Scripted given = over.new Scripted("shop");
            makePendingBeforeADeadLetter(over, given);
            given.restart(ORDERED);
            replay(over);
            over.ledger.resume(given.name);
            over.pass(Duration.ofSeconds(10));
            store.close();

            assertThat(given.got.subList(2, given.got.size())).containsExactly("1", "2");
        }
    }

    @Test
    void whatIsPendingGoesBeforeALaterDeadLetterThatIsReplayedWhileTheTargetIsGivenAnOrder() throws Exception {
        boolean reached = true;
        for (int moment = 0; reached; moment++) {
            Moments moments = new Moments();
            Stage at = Stage.over(new FaultyStore(new MemoryStore(), moments));
            Stage.Scripted given = at.new Scripted("shop");
            makePendingBeforeADeadLetter(at, given);
            moments.at(moment, () -> replay(at));
            given.restart(ORDERED);
            reached = moments.end();
            at.ledger.resume(given.name);
            at.pass(Duration.ofSeconds(10));

            assertThat(given.got.subList(2, given.got.size()))
                    .as("replayed at moment %d", moment)
                    .isEqualTo(reached ? List.of("1", "2") : List.of("1"));
        }
    }

    @Test
    void whatIsPendingGoesBeforeWhatWaitsAlsoIfTheTargetIsGivenAnOrderInTwoStarts() throws Exception {
        boolean reached = true;
        for (int moment = 0; reached; moment++) {
            Moments moments = new Moments();
            Stage at = Stage.over(new FaultyStore(new MemoryStore(), moments));
            Stage.Scripted given = at.new Scripted("shop");
            makePendingBeforeADeadLetter(at, given);
            replay(at);
            moments.failAt(moment);
            try {
                given.restart(ORDERED);
            } catch (StoreException e) {
                given.subscription().start();
            }
            reached = moments.end();
            at.ledger.resume(given.name);
            at.pass(Duration.ofSeconds(10));

            assertThat(given.got.subList(2, given.got.size()))
                    .as("interrupted at read %d", moment)
                    .containsExactly("1", "2");
        }
    }

    /** The target is paused, and has got 1, which is pending again, and 2, which is dead. */
    private static void makePendingBeforeADeadLetter(Stage stage, Stage.Scripted target) throws Exception {
        target.script = (change, attempt) -> change.id().equals("2") ? NO : OK;
        target.takes = change -> change.id().equals("1") ? Duration.ofHours(1) : Duration.ofMillis(1);
        target.start(unordered(1, false));
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofMillis(20));
        assertThat(target.state(2)).isEqualTo(DeliveryState.DEAD);
        stage.ledger.pause(target.name, null, null);
        stage.pass();
        target.script = (change, attempt) -> OK;
        target.takes = change -> Duration.ofMillis(1);
    }

    @Test
    void aDeadLetterThatIsDiscardedWhileTheTargetStartsFreesItsKey() throws Exception {
        TargetOptions blocking = TargetOptions.of(4, Stage.TWICE_MORE, true, true);
        boolean reached = true;
        for (int moment = 0; reached; moment++) {
            Moments moments = new Moments();
            Stage at = Stage.over(new FaultyStore(new MemoryStore(), moments));
            Stage.Scripted blocked = at.new Scripted("shop");
            blocked.script = (change, attempt) -> change.id().equals("1") ? NO : OK;
            blocked.start(blocking);
            at.send("1", "k");
            at.send("2", "k");
            at.pass(Duration.ofMillis(20));
            assertThat(blocked.state(2)).isEqualTo(DeliveryState.PARKED);
            moments.at(moment, () -> {
                at.ledger.actions().discard(DeliveryFilter.ALL);
                write(at);
            });
            blocked.restart(blocking);
            reached = moments.end();
            at.pass(Duration.ofSeconds(10));

            assertThat(blocked.state(2))
                    .as("discarded at moment %d", moment)
                    .isEqualTo(reached ? DeliveryState.DELIVERED : DeliveryState.PARKED);
        }
    }

    private static void replay(Stage stage) {
        stage.ledger.actions().replay(DeliveryFilter.ALL);
        write(stage);
    }

    private static void write(Stage stage) {
        for (int step = 0; step < 3; step++) {
            while (stage.time.runDue()) {}
            stage.writer().stepOnce();
        }
    }

    /** Does something before or after one of the reads of a store, or makes it fail. */
    private static final class Moments implements FaultyStore.Faults {
        private int left = -1;
        private Runnable what = () -> {};
        private boolean fails;

        private void at(int moment, Runnable what) {
            this.left = moment;
            this.what = what;
        }

        private void failAt(int read) {
            this.left = read;
            this.fails = true;
        }

        /** Returns whether the moment has been. */
        private boolean end() {
            boolean reached = left < 0;
            left = -1;
            return reached;
        }

        @Override
        public void meanwhile() {
            if (!fails && left >= 0 && left-- == 0) {
                what.run();
            }
        }

        @Override
        public boolean readFails() {
            return fails && left >= 0 && left-- == 0;
        }

        @Override
        public FaultyStore.CommitFault commit() {
            return FaultyStore.CommitFault.NONE;
        }

        @Override
        public void durable(List<Entry> inserted, List<FaultyStore.Moved> moves) {}
    }

    @Test
    void anOrderThatIsTakenAwayAndGivenBackKeepsTheOrderOfWhatWaits() throws Exception {
        target.script = (change, attempt) -> OOPS;
        target.start(ORDERED);
        stage.send("1", "k");
        stage.send("2", "k");
        stage.pass(Duration.ofMillis(20));
        target.restart(unordered(1, false));
        stage.send("3", "k");
        stage.pass(Duration.ofMillis(20));
        assertThat(target.got).containsExactly("1", "3");
        target.script = (change, attempt) -> OK;
        target.restart(ORDERED);
        stage.send("4", "k");
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got).containsExactly("1", "3", "1", "2", "3", "4");
    }

    @Test
    void whatWaitsBehindADeadLetterIsBlockedOnceDeadLettersBlock() throws Exception {
        target.script = (change, attempt) -> change.id().equals("2") ? NO : OOPS;
        target.start(unordered(1, false));
        for (String id : List.of("1", "2", "3")) {
            stage.send(id, "k");
        }
        stage.pass(Duration.ofMillis(20));
        target.script = (change, attempt) -> OK;
        target.restart(TargetOptions.of(4, Stage.TWICE_MORE, true, true));
        stage.pass(Duration.ofSeconds(10));
        assertThat(target.got.subList(3, target.got.size())).containsExactly("1");
        stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.pass();

        assertThat(target.got.subList(3, target.got.size())).containsExactly("1", "2", "3");
    }

    @Test
    void withAVersionGuardAndNoOrderAFailingChangeHoldsBackNotEvenItsKey() {
        target.script = (change, attempt) -> change.id().equals("1") ? OOPS : OK;
        target.start(unordered(1, true));
        stage.sendVersion("1", "k", "1");
        stage.sendVersion("2", "k", "2");
        stage.pass();
        assertThat(target.state(2)).isEqualTo(DeliveryState.DELIVERED);
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.got).containsExactly("1", "2");
        assertThat(target.state(1)).isEqualTo(DeliveryState.SUPERSEDED);
    }

    @Test
    void theNewestDeliveredVersionIsKeptWhenAnOutcomeIsWrittenLate() throws Exception {
        target.start(unordered(1, true));
        stage.store.refuseOutcomes(true);
        stage.sendVersion("1", "k", "1");
        stage.pass(Duration.ofMillis(20));
        stage.store.refuseOutcomes(false);
        stage.sendVersion("2", "k", "2");
        stage.pass(Duration.ofSeconds(5));
        assertThat(target.got).containsExactly("1", "2");
        target.restart(unordered(1, true));
        stage.sendVersion("3", "k", "1.5");
        stage.pass();

        assertThat(target.got).isEqualTo(List.of("1", "2"));
    }
}
