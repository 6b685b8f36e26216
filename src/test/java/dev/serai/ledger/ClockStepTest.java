package dev.serai.ledger;

import static dev.serai.ledger.Stage.DOWN;
import static dev.serai.ledger.Stage.FLOW;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Retention;
import dev.serai.support.CapturedLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the ledger does when the wall clock is set, back or forward, while it is open or closed. */
class ClockStepTest {
    private final Stage stage = new Stage();

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 259_200})
    void aTargetGetsItsChangesAtOnce(long seconds) {
        Stage.Scripted target = stage.target("shop", false);
        stage.send("1", "a");
        stage.pass();
        set(seconds);
        stage.send("2", "b");
        stage.pass();

        assertThat(target.got).containsExactly("1", "2");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 259_200})
    void aTargetThatIsDownIsProbedOnTime(long seconds) {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> DOWN;
        stage.send("1", "a");
        stage.pass();
        set(seconds);
        int before = target.got.size();
        stage.pass(Duration.ofSeconds(30));
        int probes = target.got.size() - before;
        assertThat(probes).isBetween(5, 9);

        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(16));
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 259_200})
    void theQuietOfA429IsAsLongAsAsked(long seconds) {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) ->
                attempt == 1 ? new Outcome.Failed(429, "slow down", Duration.ofSeconds(30), false) : OK;
        stage.send("1", "a");
        stage.pass();
        set(seconds);
        stage.pass(Duration.ofSeconds(29));
        assertThat(target.got).containsExactly("1");

        stage.pass(Duration.ofSeconds(2));
        assertThat(target.got).containsExactly("1", "1");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 259_200})
    void theWriterTriesAgainSoonAfterAFailedCommit(long seconds) {
        stage.pass();
        stage.store.failCommit(1, false);
        stage.send("1", "a");
        stage.writer().stepOnce();
        assertThat(stage.ledger.trouble()).isPresent();
        set(seconds);
        stage.pass(Duration.ofSeconds(1));

        assertThat(stage.ledger.trouble()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 3_600, 259_200, -94_608_000})
    void aChangeDueInTenMinutesIsDueInTenMinutes(long seconds) {
        Stage.Scripted target = dueInTenMinutes();
        long failedAt = target.gotAtMillis.get(0);
        set(seconds);
        stage.pass(Duration.ofMinutes(11));

        assertThat(target.got).containsExactly("1", "1");
        assertThat(target.gotAtMillis.get(1) - failedAt).isBetween(600_000L, 600_050L);
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, -94_608_000})
    void aChangeIsDueNoLaterWhenTheClockIsSetBackWhileTheLedgerIsClosed(long seconds) {
        dueInTenMinutes();
        stage.pass(Duration.ofMinutes(5));
        set(seconds);
        Stage again = stage.reopened();
        Stage.Scripted target = again.target("shop", false);
        again.pass(Duration.ofMinutes(6).plusSeconds(1)); // the last minute was not saved

        assertThat(target.got).containsExactly("1");
        assertThat(again.ledger.clockWatch().recentStep()).isPresent();
    }

    @Test
    void whatBecameDueWhileTheLedgerWasClosedIsSentAtOnce() {
        dueInTenMinutes();
        stage.time.crash();
        stage.time.advance(Duration.ofMinutes(10));
        Stage again = stage.reopened();
        Stage.Scripted target = again.target("shop", false);
        again.pass();

        assertThat(target.got).containsExactly("1");
    }

    @Test
    void aStepBeforeACrashIsNoDowntime() {
        Stage.Scripted first = dueInTenMinutes();
        set(259_200);
        stage.pass(Duration.ofSeconds(15));
        Stage again = stage.reopened();
        Stage.Scripted target = again.target("shop", false);
        again.pass(Duration.ofMinutes(9));
        assertThat(target.got).isEmpty();

        again.pass(Duration.ofMinutes(1));
        assertThat(first.got).containsExactly("1");
        assertThat(target.got).containsExactly("1");
    }

    @Test
    void aLedgerOfAnOlderProgramWaitsNoLongerThanItsPolicyAllows() {
        dueInTenMinutes();
        stage.store.forgetClock();
        set(-94_608_000);
        Stage again = stage.reopened();
        Stage.Scripted target = again.target("shop", false);
        again.pass(Duration.ofHours(25));

        assertThat(target.got).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 259_200})
    void theTimeWhenAChangeIsDueIsShownByTheWallClock(long seconds) {
        dueInTenMinutes();
        Instant before = dueAt();
        set(seconds);

        assertThat(dueAt()).isEqualTo(before.plusSeconds(seconds));
    }

    @Test
    void aClockFarAheadDiscardsNothingAndForgetsNoId() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> change.id().equals("1") ? NO : OK;
        stage.send("1", "a");
        stage.send("2", "b");
        stage.pass();
        set(Duration.ofDays(20_000).toSeconds());
        stage.pass(Duration.ofMinutes(10));

        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        var again = stage.send("2", "b");
        stage.pass();
        assertThat(again.join().duplicate()).isTrue();
    }

    @Test
    void aChangeAcceptedInTheFutureDoesNotStopThePurge() {
        Stage.Scripted target = stage.target("shop", false);
        set(Duration.ofDays(20_000).toSeconds());
        stage.send("1", "a");
        stage.pass();
        set(-Duration.ofDays(20_000).toSeconds());
        stage.send("2", "b");
        stage.pass();
        stage.passDays(Retention.DEFAULT.settled().toDays() + 1);

        assertThat(target.got).containsExactly("1", "2");
        assertThat(stage.store.entry(1)).isEmpty();
        assertThat(stage.store.entry(2)).isEmpty();
    }

    @Test
    void retentionGoesOnAfterARestart() {
        stage.target("shop", false);
        stage.send("1", "a");
        stage.passDays(4);
        Stage again = stage.reopened();
        again.target("shop", false);
        again.passDays(4);

        assertThat(stage.store.entry(1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 259_200})
    void aStepIsToldForAnHour(long seconds) {
        try (CapturedLog log = new CapturedLog(ClockWatch.class)) {
            stage.pass(Duration.ofSeconds(1));
            assertThat(stage.ledger.clockWatch().recentStep()).isEmpty();
            set(seconds);
            stage.pass(Duration.ofSeconds(11));

            assertThat(stage.ledger.clockWatch().recentStep().orElseThrow().by())
                    .hasSeconds(seconds);
            assertThat(stage.ledger.clockWatch().steps()).isEqualTo(1);
            assertThat(String.join("\n", log.lines()))
                    .contains(seconds < 0 ? "set back by 3600 s" : "set forward by 259200 s");
            stage.pass(Duration.ofMinutes(60));
            assertThat(stage.ledger.clockWatch().recentStep()).isEmpty();
            assertThat(stage.ledger.clockWatch().steps()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void aWaitAskedForNeverShortensTheOwn(long askedMillis) {
        Stage.Scripted target = stage.target("shop", false);
        target.script =
                (change, attempt) -> new Outcome.Failed(429, "slow down", Duration.ofMillis(askedMillis), false);
        stage.send("1", "k");
        stage.pass(Duration.ofSeconds(10));

        List<Long> at = target.gotAtMillis;
        assertThat(at).hasSize(3);
        assertThat(at.get(1) - at.get(0)).isBetween(1_000L, 1_050L);
        assertThat(at.get(2) - at.get(1)).isBetween(2_000L, 2_050L);
    }

    @Test
    void afterAnOutageChangesAreCountedNotBatches() {
        Stage.Scripted target = stage.new Scripted("shop");
        target.script = (change, attempt) -> DOWN;
        target.start(new TargetOptions(4, 100, true, false, false, 0, Stage.TWICE_MORE, true, false));
        for (int i = 0; i < 3_000; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass();
        target.script = (change, attempt) -> OK;
        while (target.batches.size() < 2 || !isDelivered(target)) {
            stage.pass(Duration.ofMillis(1));
        }
        int before = target.got.size();
        stage.pass(Duration.ofSeconds(1));
        assertThat(target.got.size() - before).isBetween(30, 60);

        stage.pass(Duration.ofSeconds(10));
        assertThat(target.batches).anySatisfy(batch -> assertThat(batch).hasSizeGreaterThan(10));
        assertThat(stage.store.counts(target.name).delivered()).isEqualTo(3_000);
    }

    private boolean isDelivered(Stage.Scripted target) {
        return stage.store.counts(target.name).delivered() > 0;
    }

    private Stage.Scripted dueInTenMinutes() {
        Stage.Scripted target = stage.target("shop", false);
        target.script =
                (change, attempt) -> attempt == 1 ? new Outcome.Failed(500, "oops", Duration.ofMinutes(10), false) : OK;
        stage.send("1", "a");
        stage.pass();
        assertThat(target.state(1)).isEqualTo(DeliveryState.WAITING);
        return target;
    }

    private Instant dueAt() {
        List<Delivery> deliveries =
                stage.ledger.deliveries(stage.ledger.change(FLOW, 1).orElseThrow());
        return Objects.requireNonNull(deliveries.get(0).dueAt());
    }

    private void set(long seconds) {
        stage.time.set(Duration.ofSeconds(seconds));
    }
}
