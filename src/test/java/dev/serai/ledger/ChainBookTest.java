package dev.serai.ledger;

import static dev.serai.ledger.Stage.DOWN;
import static dev.serai.ledger.Stage.FLOW;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.forecast.AttemptBucket;
import dev.serai.forecast.AttemptEnd;
import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.ForetoldTime.Horizon;
import dev.serai.forecast.IntervalScore;
import dev.serai.forecast.Regime;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Attempts are counted where their outcome is settled, and what was counted is durable a minute later. */
class ChainBookTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Stage stage = new Stage();

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            stage.send("i" + i, "k" + i);
        }
    }

    private Map<Integer, Long> stored() {
        return stage.store
                .history()
                .transitions(
                        ChainWindow.FIVE_MINUTES,
                        FLOW,
                        "erp",
                        START,
                        stage.time.instant().plusSeconds(1));
    }

    private long stored(Regime regime, AttemptBucket bucket, AttemptEnd end) {
        return stored().getOrDefault(ChainCounts.cell(regime, bucket, end), 0L);
    }

    @Test
    void eachAttemptIsCountedByItsNumberAndItsEnd() {
        Stage.Scripted erp = stage.target("erp", false);
        erp.script = (change, attempt) -> switch (change.key()) {
            case "k0" -> attempt == 1 ? OOPS : OK;
            case "k1" -> NO;
            default -> OK;
        };
        send(2, 30);
        send(0, 2);
        stage.pass(Duration.ofMinutes(2));

        assertThat(stored(Regime.UP, AttemptBucket.FIRST, AttemptEnd.DELIVERED)).isEqualTo(28);
        assertThat(stored(Regime.UP, AttemptBucket.FIRST, AttemptEnd.FAILED)).isEqualTo(1);
        assertThat(stored(Regime.UP, AttemptBucket.SECOND, AttemptEnd.DELIVERED))
                .isEqualTo(1);
        assertThat(stored(Regime.UP, AttemptBucket.FIRST, AttemptEnd.REFUSED)).isEqualTo(1);
        assertThat(stored().get(ChainCounts.TIMED)).isEqualTo(31);
        List<ScoreRow> scores = stage.store.history().scores(FLOW, "erp", START);
        assertThat(scores).extracting(ScoreRow::attempts).containsOnly(31L);
    }

    @Test
    void anOutageIsARegimeAndItsAttemptsAreNotCountedAgainstChanges() {
        Stage.Scripted erp = stage.target("erp", false);
        send(0, 5);
        stage.pass(Duration.ofMinutes(2));
        erp.script = (change, attempt) -> DOWN;
        send(5, 10);
        stage.pass(Duration.ofMinutes(10));
        erp.script = (change, attempt) -> OK;
        stage.pass(Duration.ofMinutes(2));

        List<PeriodRow> regimes = stage.store.history().regimes(FLOW, "erp", 10);
        assertThat(regimes).extracting(PeriodRow::regime).containsExactly("up", "down", "up");
        assertThat(regimes).extracting(PeriodRow::ended).containsExactly(false, true, true);
        assertThat(Duration.between(regimes.get(1).start(), regimes.get(1).until()))
                .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(11));
        assertThat(stored(Regime.UP, AttemptBucket.FIRST, AttemptEnd.SPARED)).isEqualTo(5);
        assertThat(stored(Regime.DOWN, AttemptBucket.FIRST, AttemptEnd.SPARED)).isGreaterThan(10);
        assertThat(stored(Regime.UP, AttemptBucket.FIRST, AttemptEnd.OUTAGE)).isZero();
    }

    @Test
    void aTargetIsProbedLessOftenWhereItsOutagesNeverEnded() {
        Stage.Scripted erp = stage.new Scripted("erp")
                .start(TargetOptions.of(4, Stage.TWICE_MORE, true, false), new TargetCircuit(stage.time, true));
        for (int outage = 0; outage < 5; outage++) {
            erp.script = (change, attempt) -> DOWN;
            send(outage * 10, outage * 10 + 10);
            stage.pass(Duration.ofMinutes(30));
            erp.script = (change, attempt) -> OK;
            stage.pass(Duration.ofMinutes(30));
        }
        int before = erp.got.size();
        erp.script = (change, attempt) -> DOWN;
        send(50, 60);
        stage.pass(Duration.ofMinutes(20));

        assertThat(erp.got.size() - before).as("80 with steps").isLessThan(40);
        erp.script = (change, attempt) -> OK;
        stage.pass(Duration.ofMinutes(20));
        assertThat(erp.status().pending()).isZero();
    }

    @Test
    void timesAreForetoldAndScoredWhenTheyAreKnown() {
        Stage.Scripted erp = stage.target("erp", false);
        for (int minute = 0; minute < 120; minute++) {
            boolean isDown = minute % 60 >= 30;
            erp.script = (change, attempt) -> isDown ? DOWN : OK;
            send(minute * 3, minute * 3 + 3);
            stage.pass(Duration.ofMinutes(1));
        }
        erp.script = (change, attempt) -> OK;
        stage.pass(Duration.ofMinutes(3));

        IntervalScore scored = stage.ledger
                .history()
                .forecaster()
                .of(erp.name, erp.status())
                .orElseThrow()
                .intervals();
        assertThat(scored.outcomes(Horizon.DELIVERED)).as("one in ten minutes").isBetween(10L, 12L);
        assertThat(scored.outcomes(Horizon.DRAINED))
                .as("one in ten minutes of outages")
                .isBetween(5L, 7L);
        assertThat(stage.store.history().scores(FLOW, "erp", START))
                .as("stored")
                .anyMatch(row -> row.column() >= 100 && row.attempts() > 0);
    }

    @Test
    void aTargetThatIsSentNothingIsNotForetold() {
        Stage.Scripted erp = stage.target("erp", false);
        send(0, 1);
        stage.pass(Duration.ofHours(2));
        send(1, 2);
        stage.pass(Duration.ofHours(2));

        assertThat(stage.ledger
                        .history()
                        .forecaster()
                        .of(erp.name, erp.status())
                        .orElseThrow()
                        .intervals()
                        .outcomes(Horizon.DELIVERED))
                .as("no change came soon after a forecast")
                .isZero();
    }

    @Test
    void whatWasCountedOutlivesARestartThatCutsTheRegimeOff() {
        stage.target("erp", false);
        send(0, 5);
        stage.ledger.close();
        stage = stage.reopened();
        stage.time.set(Duration.ofMinutes(30));
        stage.target("erp", false);
        send(5, 7);
        stage.pass(Duration.ofMinutes(2));

        assertThat(stored(Regime.UP, AttemptBucket.FIRST, AttemptEnd.DELIVERED)).isEqualTo(7);
        List<PeriodRow> regimes = stage.store.history().regimes(FLOW, "erp", 10);
        assertThat(regimes).as("both censored").extracting(PeriodRow::ended).containsExactly(false, false);
        assertThat(regimes.get(1).until()).isBefore(START.plus(Duration.ofMinutes(5)));
    }

    @Test
    void failuresThatDoNotFitTheLastDayRaiseTheDriftAlarmUntilTheyEnd() {
        Stage.Scripted erp = stage.target("erp", false);
        for (int minute = 0; minute < 10; minute++) {
            send(minute * 30, minute * 30 + 30);
            stage.pass(Duration.ofMinutes(1));
        }
        assertThat(stage.ledger.history().chains().drift(erp.name)).isEmpty();
        erp.script = (change, attempt) -> change.key().endsWith("7") ? NO : OK;
        for (int minute = 10; minute < 20; minute++) {
            send(minute * 30, minute * 30 + 30);
            stage.pass(Duration.ofMinutes(1));
        }
        assertThat(stage.ledger.history().chains().drift(erp.name)).hasValueSatisfying(drift -> {
            assertThat(drift.lately()).isGreaterThan(drift.usual());
        });
        erp.script = (change, attempt) -> OK;
        for (int minute = 20; minute < 40; minute++) {
            send(minute * 30, minute * 30 + 30);
            stage.pass(Duration.ofMinutes(1));
        }
        assertThat(stage.ledger.history().chains().drift(erp.name)).isEmpty();
    }
}
