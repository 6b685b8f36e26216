package dev.serai.ledger;

import static dev.serai.ledger.Stage.DOWN;
import static dev.serai.ledger.Stage.FLOW;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.history.HistoryStep.HOUR;
import static dev.serai.ledger.history.HistoryStep.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryPoint;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.StoreException;
import dev.serai.support.CapturedLog;
import dev.serai.task.FailureLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The history has each change once, in the minute in which it came. */
class FlowHistoryTest {
    private static final Duration MINUTES = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Stage stage = new Stage();
    private int sent;

    private void send(int changes) {
        for (int i = 0; i < changes; i++) {
            stage.send("i" + sent, "k" + sent++);
        }
        stage.pass(Duration.ofSeconds(1));
    }

    /** To the second after the next full minute. */
    private void nextMinute() {
        long left = 61_000 - Math.floorMod(stage.time.millis() - 1_000, 60_000) - 1_000;
        stage.pass(Duration.ofMillis(left));
    }

    private List<HistoryPoint> points(HistoryStep step, @Nullable String flow, @Nullable String target) {
        Instant now = stage.time.instant();
        return stage.ledger
                .history()
                .points(new HistoryQuery(step, flow, target, Instant.MIN, Instant.MAX).within(now));
    }

    private List<HistoryPoint> ofFlow() {
        return points(MINUTE, FLOW, null);
    }

    private static HistoryPoint at(int minute, long accepted, long delivered) {
        return new HistoryPoint(
                START.plus(MINUTES.multipliedBy(minute)), new HistoryCounts(accepted, 0, delivered, 0, 0, 0, 0));
    }

    @Test
    void eachMinuteHasWhatHappenedInIt() {
        stage.target("erp", false);
        send(3);
        assertThat(ofFlow()).as("the minute that is not over").containsExactly(at(0, 3, 3));
        nextMinute();
        nextMinute();
        send(2);
        nextMinute();

        assertThat(ofFlow()).containsExactly(at(0, 3, 3), at(2, 2, 2));
        assertThat(points(HOUR, FLOW, null)).containsExactly(at(0, 5, 5));
        assertThat(points(MINUTE, null, null))
                .as("the sum has all minutes in which the node ran")
                .containsExactly(at(0, 3, 3), at(1, 0, 0), at(2, 2, 2), at(3, 0, 0));
    }

    @Test
    void aSampleThatFailsIsToldOnceAndThatItWorksAgainToo() {
        AtomicBoolean fails = new AtomicBoolean();
        stage = Stage.over(new MemoryStore() {
            @Override
            public List<FlowCounts> flows() {
                if (fails.get()) {
                    throw new StoreException("the disk is gone");
                }
                return super.flows();
            }
        });
        stage.target("erp", false);
        nextMinute();
        try (CapturedLog log = new CapturedLog(FailureLog.class)) {
            fails.set(true);
            nextMinute();
            nextMinute();
            assertThat(ofHistory(log))
                    .singleElement()
                    .asString()
                    .startsWith("WARN")
                    .contains("failed", "the disk is gone");

            fails.set(false);
            nextMinute();
            assertThat(ofHistory(log)).hasSize(2).last().asString().contains("works again");
        }
    }

    /** Forecasts, which read the ledger too, say it for themselves. */
    private static List<String> ofHistory(CapturedLog log) {
        return log.lines().stream()
                .filter(line -> line.contains("the history of the flows"))
                .toList();
    }

    @Test
    void aTargetHasItsOwnFiguresAndTheFlowTheirSum() {
        stage.target("erp", false);
        Stage.Scripted shop = stage.target("shop", false);
        shop.script = (change, attempt) -> change.key().equals("k0") ? NO : OK;
        send(3);
        nextMinute();

        assertThat(points(MINUTE, FLOW, "erp")).containsExactly(at(0, 3, 3));
        assertThat(points(MINUTE, FLOW, "shop"))
                .containsExactly(new HistoryPoint(START, new HistoryCounts(3, 0, 2, 1, 1, 0, 0)));
        assertThat(ofFlow()).containsExactly(new HistoryPoint(START, new HistoryCounts(3, 0, 5, 1, 1, 0, 0)));
    }

    @Test
    void whatWaitsIsInEachMinuteAndTheMostOfItInTheHour() {
        Stage.Scripted erp = stage.target("erp", false);
        erp.script = (change, attempt) -> DOWN;
        send(4);
        nextMinute();
        nextMinute();
        erp.script = (change, attempt) -> OK;
        stage.pass(Duration.ofMinutes(3));

        List<HistoryPoint> minutes = ofFlow();
        HistoryCounts second = minutes.get(1).counts();
        assertThat(second.pending()).isEqualTo(4);
        assertThat(second.oldestMillis()).isBetween(100_000L, 120_000L);
        assertThat(minutes.get(0).counts().failed()).isPositive();
        assertThat(minutes.get(minutes.size() - 1).counts().pending()).isZero();
        HistoryCounts hour = points(HOUR, FLOW, null).get(0).counts();
        assertThat(hour.pending()).isEqualTo(4);
        assertThat(hour.delivered()).isEqualTo(4);
    }

    @Test
    void aRestartCountsNothingTwiceAndLeavesTheTimeBetweenOut() {
        stage.target("erp", false);
        send(3);
        stage.ledger.close();
        stage = stage.reopened();
        stage.time.set(Duration.ofMinutes(5));
        stage.target("erp", false);
        send(2);
        nextMinute();

        assertThat(ofFlow()).containsExactly(at(0, 3, 3), at(5, 2, 2));
        assertThat(points(MINUTE, null, null)).extracting(HistoryPoint::at).doesNotContain(START.plus(MINUTES));
    }

    @Test
    void aCrashLosesAMinuteAndCountsNothingTwice() {
        stage.target("erp", false);
        send(3);
        nextMinute();
        send(1);
        stage = stage.reopened();
        stage.target("erp", false);
        send(2);
        nextMinute();

        assertThat(ofFlow()).containsExactly(at(0, 3, 3), at(1, 2, 2));
    }

    @Test
    void aClockThatIsSetBackAddsToTheMinutesThatAreThere() {
        stage.target("erp", false);
        send(3);
        nextMinute();
        stage.time.set(Duration.ofMinutes(-1));
        send(2);
        nextMinute();
        stage.time.set(Duration.ofHours(2));
        send(1);
        nextMinute();

        assertThat(ofFlow()).containsExactly(at(0, 5, 5), at(121, 1, 1));
    }

    @Test
    void aTargetThatIsRemovedAndAddedBeginsAnew() {
        Stage.Scripted erp = stage.target("erp", false);
        send(3);
        nextMinute();
        erp.subscription().close(Duration.ZERO);
        stage.ledger.removeTarget(erp.name);
        stage.pass();
        stage.target("erp", false);
        send(1);
        nextMinute();

        assertThat(points(MINUTE, FLOW, "erp")).contains(at(1, 1, 1));
    }

    @Test
    void changesOfStatesAreKeptAndGoOnAfterARestart() {
        Stage.Scripted erp = stage.target("erp", false);
        stage.pass(Duration.ofMinutes(2));
        erp.script = (change, attempt) -> NO;
        send(2);
        nextMinute();
        assertThat(states()).containsExactly("ok→failing");
        stage.ledger.close();
        stage = stage.reopened();
        stage.target("erp", false);
        stage.pass(Duration.ofMinutes(3));

        assertThat(states()).containsExactly("failing→ok", "ok→failing");
    }

    private List<String> states() {
        HistoryQuery all = new HistoryQuery(MINUTE, FLOW, "erp", START, stage.time.instant());
        return stage.ledger.history().stateChanges(all, 10).stream()
                .map(FlowHistoryTest::text)
                .toList();
    }

    private static String text(StateChange change) {
        return change.before() + "→" + change.state();
    }

    @Test
    void whatIsTooOldIsDeletedALittleAtATime() {
        Stage.Scripted erp = stage.target("erp", false);
        erp.script = (change, attempt) -> DOWN;
        send(1);
        stage.passDays(3);

        assertThat(stage.store.history().oldest(MINUTE)).hasValueSatisfying(oldest -> assertThat(oldest)
                .isAfterOrEqualTo(stage.time.instant().minus(Duration.ofHours(49))));
        assertThat(stage.store.history().oldest(HOUR)).contains(START);
        assertThat(points(MINUTE, FLOW, null)).hasSizeBetween(2_870, 2_882);
    }
}
