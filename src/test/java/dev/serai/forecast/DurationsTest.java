package dev.serai.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long regimes last, out of ended and censored periods. */
class DurationsTest {
    private static RegimePeriod lasted(double seconds, boolean ended) {
        return new RegimePeriod(Regime.DOWN, 0, Math.round(seconds * 1000), ended);
    }

    @Test
    void withoutDataThePriorIsWide() {
        Durations prior = new Durations(List.of(), 300);

        assertThat(prior.survival(300)).isCloseTo(0.5, within(0.01));
        assertThat(prior.residual(0, 0.95) / prior.residual(0, 0.05)).isGreaterThan(50);
    }

    @Test
    void manyEndedPeriodsGiveTheirShares() {
        List<RegimePeriod> periods = new ArrayList<>();
        for (int i = 1; i <= 1_000; i++) {
            periods.add(lasted(i, true));
        }
        Durations durations = new Durations(periods, 300);

        assertThat(durations.survival(250)).isCloseTo(0.75, within(0.01));
        assertThat(durations.residual(0, 0.5)).isCloseTo(500, within(10.0));
        assertThat(durations.residual(500, 0.5)).as("of those that lasted 500").isCloseTo(250, within(10.0));
    }

    @Test
    void theIntervalOutOfAFewDurationsCoversTheNextOneInNineOfTenCases() {
        SplittableRandom random = new SplittableRandom(11);
        int within = 0;
        int runs = 3_000;
        for (int run = 0; run < runs; run++) {
            List<RegimePeriod> periods = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                periods.add(lasted(600 * Math.exp(0.5 * random.nextGaussian()), true));
            }
            Durations durations = new Durations(periods, 300);
            double next = 600 * Math.exp(0.5 * random.nextGaussian());
            within += next >= durations.residual(0, 0.05) && next <= durations.residual(0, 0.95) ? 1 : 0;
        }

        assertThat((double) within / runs).isBetween(0.88, 0.92);
    }

    @Test
    void censoredPeriodsCountAsTheyDoForKaplanAndMeier() {
        // Of 1000 each: ended at 1, censored at 2, ended at 3. Kaplan and Meier: S(1) = 2/3, S(3) = 0; S is 2/3
        // between.
        List<RegimePeriod> periods = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            periods.add(lasted(10, true));
            periods.add(lasted(20, false));
            periods.add(lasted(30, true));
        }
        Durations durations = new Durations(periods, 300);

        assertThat(durations.survival(10)).isCloseTo(2 / 3.0, within(0.01));
        assertThat(durations.survival(20)).isCloseTo(2 / 3.0, within(0.01));
        assertThat(durations.survival(30)).isCloseTo(0, within(0.01));
    }

    @Test
    void survivalFallsAndResidualsInvertIt() {
        SplittableRandom random = new SplittableRandom(5);
        for (int run = 0; run < 100; run++) {
            List<RegimePeriod> periods = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                periods.add(lasted(random.nextInt(5_000), random.nextBoolean()));
            }
            Durations durations = new Durations(periods, 300);
            double before = 1;
            for (double time = 0; time < 10_000; time += 100) {
                double survival = durations.survival(time);
                assertThat(survival).isBetween(0.0, before + 1e-12);
                before = survival;
            }
            double age = random.nextInt(2_000);
            double level = random.nextDouble();
            double end = age + durations.residual(age, level);
            assertThat(durations.survival(end)).isCloseTo(durations.survival(age) * (1 - level), within(1e-6));
        }
    }

    @Test
    void theTrackerTellsThrottlingFromOtherFailuresAndKnowsWhenTheCircuitIsOpen() {
        RegimeTracker tracker = new RegimeTracker(0);
        for (int i = 0; i < 20; i++) {
            tracker.attempted(AttemptEnd.DELIVERED, 1_000);
        }
        assertThat(tracker.regime()).isEqualTo(Regime.UP);
        for (int i = 0; i < 20; i++) {
            tracker.attempted(AttemptEnd.THROTTLED, 2_000);
        }
        assertThat(tracker.regime()).isEqualTo(Regime.THROTTLED);
        for (int i = 0; i < 40; i++) {
            tracker.attempted(AttemptEnd.FAILED, 3_000);
        }
        assertThat(tracker.regime()).isEqualTo(Regime.DEGRADED);
        assertThat(tracker.down(4_000)).isEqualTo(new RegimePeriod(Regime.DEGRADED, 3_000, 4_000, true));
        assertThat(tracker.attempted(AttemptEnd.DELIVERED, 5_000)).isNull();
        assertThat(tracker.up(6_000)).isEqualTo(new RegimePeriod(Regime.DOWN, 4_000, 6_000, true));
        assertThat(tracker.running(7_000)).isEqualTo(new RegimePeriod(Regime.UP, 6_000, 7_000, false));
    }
}
