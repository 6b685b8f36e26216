package dev.serai.rhythm;

import static dev.serai.rhythm.SimulatedPushes.DAY;
import static dev.serai.rhythm.SimulatedPushes.HOUR;
import static dev.serai.rhythm.SimulatedPushes.WEEK;
import static dev.serai.rhythm.SimulatedPushes.atRandom;
import static dev.serai.rhythm.SimulatedPushes.bursts;
import static dev.serai.rhythm.SimulatedPushes.every;
import static dev.serai.rhythm.SimulatedPushes.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.rhythm.SimulatedPushes.NextPush;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Simulated weeks; the numbers of false alarms are those of fixed seeds, and the limits have room. */
class RhythmTest {
    private static final int WEEKS = 6;
    private static final int SEEDS = 3;
    /** The Wednesday of the seventh week, 11:30. */
    private static final double END = WEEKS * WEEK + 2 * DAY + 11.5 * HOUR;

    /** What the seeds came to. */
    private record Simulated(long falseAlarms, long inWorstWeek, double soonest, double latest) {}

    /** @param seconds in which times to alarm are counted */
    private static Simulated simulate(double seconds, Supplier<NextPush> source) {
        long alarms = 0;
        long worst = 0;
        double soonest = Double.POSITIVE_INFINITY;
        double latest = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            SimulatedPushes pushes = new SimulatedPushes(seed, source.get()).until(END);
            alarms += pushes.falseAlarms.size();
            worst = Math.max(worst, pushes.falseAlarmsInWorstWeek());
            double alarm = pushes.secondsToAlarm() / seconds;
            soonest = Math.min(soonest, alarm);
            latest = Math.max(latest, alarm);
        }
        return new Simulated(alarms, worst, soonest, latest);
    }

    private static void assertExact(Simulated simulated) {
        assertThat(simulated.falseAlarms()).isZero();
        assertThat(simulated.soonest()).isGreaterThan(2.5);
        assertThat(simulated.latest()).isLessThan(3.3);
    }

    /** A source whose pauses have no upper bound: the shorter the time to alarm, the more false ones. */
    private static void assertRare(Simulated simulated, double latest) {
        assertThat(simulated.falseAlarms()).isLessThan(SEEDS * WEEKS / 4);
        assertThat(simulated.inWorstWeek()).isLessThanOrEqualTo(1);
        assertThat(simulated.latest()).isLessThan(latest);
    }

    @Test
    void aSteadySourceIsSilentWhenItsThirdPushIsMissing() {
        assertExact(simulate(40, () -> every(40, 0.1)));
        assertExact(simulate(2 * HOUR, () -> every(2 * HOUR, 0.1)));
        assertExact(simulate(DAY, () -> every(DAY, 0.02)));
    }

    @Test
    void aSourceThatPushesMoreThanOnceInTenSecondsIsSilentAfterThirtySeconds() {
        SimulatedPushes pushes = new SimulatedPushes(1, atRandom(3)).until(2.0 * WEEK);

        assertThat(pushes.falseAlarms).isEmpty();
        assertThat(pushes.secondsToAlarm()).isBetween(30.0, 60.0);
    }

    @Test
    void burstsCountAsOnePush() {
        assertExact(simulate(600, () -> bursts(100, every(600, 0.1))));
    }

    @Test
    void quietNightsAndWeekendsAreNotSilence() {
        assertExact(simulate(60, () -> open(8.5 * HOUR, 18 * HOUR, 7, every(60, 0.1))));
        assertExact(simulate(60, () -> open(8.5 * HOUR, 18 * HOUR, 5, every(60, 0.1))));
    }

    @Test
    void aSourceThatGrowsIsNotSilentAndItsAlarmIsLaterByItsGrowthInTwoWeeks() {
        double last = 60 * Math.pow(0.9, END / WEEK);

        Simulated growing = simulate(
                last,
                () -> (now, random) ->
                        every(60 * Math.pow(0.9, now / WEEK), 0.1).after(now, random));

        assertThat(growing.falseAlarms()).isZero();
        assertThat(growing.latest()).isBetween(3.0, 4.2);
    }

    @Test
    void pushesAtRandomRaiseLessThanOneFalseAlarmAWeek() {
        assertRare(simulate(40, () -> atRandom(40)), 25);
        assertRare(simulate(600, () -> atRandom(600)), 25);
        assertRare(simulate(2 * HOUR, () -> atRandom(2 * HOUR)), 20);
        assertRare(simulate(600, () -> bursts(100, atRandom(600))), 25);
        assertRare(simulate(60, () -> open(8.5 * HOUR, 18 * HOUR, 5, atRandom(60))), 25);
        assertRare(
                simulate(
                        60,
                        () -> (now, random) -> atRandom(60 / (1 + 0.9 * Math.sin(2 * Math.PI * now / DAY)))
                                .after(now, random)),
                25);
    }

    @Test
    void withoutHistoryNothingIsSilence() {
        Rhythm rhythm = new Rhythm(ZoneOffset.UTC);
        Instant now = Instant.parse("2026-01-05T00:00:00Z");
        assertThat(rhythm.silence(now, 0, 1)).isNull();
        rhythm.begin(now, 0);
        assertThat(rhythm.silence(
                        now.plus(Duration.ofDays(60)), Duration.ofDays(60).toMillis(), 1))
                .isNull();

        SimulatedPushes pushes = new SimulatedPushes(1, every(40, 0.1)).until(5.0 * DAY);
        assertThat(pushes.isSilentAt(5.5 * DAY))
                .as("in hours that were never seen")
                .isFalse();
        assertThat(pushes.rhythm().usualPause(Instant.parse("2026-01-10T00:00:00Z")))
                .isNull();
    }

    @Test
    void aClockThatIsSetMakesNoPauseLonger() {
        SimulatedPushes pushes = new SimulatedPushes(1, every(40, 0.1)).until(3.0 * WEEK);

        pushes.set(Duration.ofHours(3))
                .until(3.2 * WEEK)
                .set(Duration.ofDays(-2))
                .until(3.5 * WEEK);
        pushes.set(Duration.ofDays(400)).until(4.0 * WEEK);

        assertThat(pushes.falseAlarms).isEmpty();
        assertThat(pushes.secondsToAlarm()).isBetween(100.0, 140.0);
    }

    @Test
    void oneOutageIsForgotten() {
        SimulatedPushes pushes = new SimulatedPushes(1, every(40, 0.1)).until(4 * WEEK + 10.0 * HOUR);
        pushes.lost(4 * WEEK + 13.0 * HOUR).until(5 * WEEK + 11.0 * HOUR);

        assertThat(pushes.falseAlarms).as("but it was silent").hasSize(1);
        assertThat(pushes.secondsToAlarm()).as("a week later").isBetween(100.0, 140.0);
    }

    @Test
    void aNewRhythmIsLearnedInTwoWeeks() {
        NextPush always = every(40, 0.1);
        NextPush byDay = open(8 * HOUR, 20 * HOUR, 7, always);
        SimulatedPushes pushes =
                new SimulatedPushes(1, (now, random) -> (now < 4 * WEEK ? always : byDay).after(now, random));
        pushes.until(6.2 * WEEK);
        assertThat(pushes.falseAlarms).as("each night of two weeks").hasSizeBetween(8, 16);

        pushes.falseAlarms.clear();
        pushes.until(9.0 * WEEK);

        assertThat(pushes.falseAlarms).isEmpty();
    }

    @Test
    void whatWasLearnedOutlivesARestart() {
        SimulatedPushes pushes = new SimulatedPushes(1, every(40, 0.1)).until(3.0 * WEEK);
        double before = pushes.secondsToAlarm();

        pushes.restart();

        assertThat(pushes.secondsToAlarm()).isBetween(before - 1, before + 1);
        pushes.until(5.0 * WEEK);
        assertThat(pushes.falseAlarms).isEmpty();
        assertThat(pushes.rhythm().text()).hasSizeLessThan(20_000);
    }

    @Test
    void aTextThatIsNotARhythmIsRefused() {
        String text = new Rhythm(ZoneOffset.UTC).text();
        for (String wrong : new String[] {
            "",
            "rhythm 1",
            "rhythm 2\n" + text,
            text.substring(0, text.length() / 2),
            text.replaceFirst("0.0", "NaN"),
            text.replaceFirst("0.0", "-1"),
            text.replaceFirst("0.0", "0.0 0.0")
        }) {
            assertThatThrownBy(() -> Rhythm.of(wrong, ZoneOffset.UTC)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
