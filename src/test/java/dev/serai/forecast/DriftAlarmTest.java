package dev.serai.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** When the drift alarm goes on and off. */
class DriftAlarmTest {
    private static final int ATTEMPTS = 60;

    private final DriftAlarm alarm = new DriftAlarm();
    private final RandomGenerator random = new SplittableRandom(7);

    /** The minutes until the alarm is as wanted, at most that many. */
    private int minutes(double failing, int most, boolean wanted) {
        for (int minute = 1; minute <= most; minute++) {
            long failures = 0;
            for (int i = 0; i < ATTEMPTS; i++) {
                failures += random.nextDouble() < failing ? 1 : 0;
            }
            alarm.minute(ATTEMPTS, failures);
            if (alarm.isOn() == wanted) {
                return minute;
            }
        }
        return most + 1;
    }

    @Test
    void aSteadyTargetRaisesNoAlarmInAMonth() {
        assertThat(minutes(0.02, 43_200, true)).isGreaterThan(43_200);
        assertThat(alarm.usual()).isBetween(0.01, 0.03);
    }

    @Test
    void moreFailuresRaiseItWithinMinutesAndItEndsWithThem() {
        minutes(0.02, 600, true);

        assertThat(minutes(0.15, 60, true)).isBetween(6, 8);
        assertThat(alarm.lately()).isGreaterThan(0.05);
        assertThat(minutes(0.02, 60, false)).isLessThan(20);
        assertThat(alarm.lately()).isZero();
    }

    @Test
    void oneBadMinuteIsNotEnough() {
        minutes(0.02, 600, true);
        alarm.minute(1_000, 1_000);

        assertThat(alarm.isOn()).isFalse();
    }

    @Test
    void whatLastsForADayIsUsualThen() {
        minutes(0.02, 600, true);
        minutes(0.15, 60, true);

        assertThat(minutes(0.15, 1_440, false)).isLessThan(1_440);
    }

    @Test
    void withoutAPastNothingIsUnusual() {
        assertThat(minutes(0.9, 1, true)).isEqualTo(2);
        alarm.minute(0, 0);

        assertThat(alarm.isOn()).isFalse();
    }
}
