package dev.serai.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.serai.forecast.ForetoldTime.Horizon;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Intervals come to cover what they promise, whatever the model says. */
class IntervalScoreTest {
    private final RandomGenerator random = new SplittableRandom(7);

    private double[] drawn(DoubleSupplier time) {
        return DoubleStream.generate(time).limit(1_000).toArray();
    }

    private double lognormal(double median, double sigma) {
        return median * Math.exp(sigma * random.nextGaussian());
    }

    /** The share of the later half of the outcomes that were in their intervals. */
    private double covered(IntervalScore score, DoubleSupplier model, DoubleSupplier truth) {
        FamilyRun.Tally tally = new FamilyRun.Tally();
        for (int i = 0; i < 1_000; i++) {
            ForetoldTime foretold = score.foretell(Horizon.DRAINED, Regime.UP, drawn(model));
            double actual = truth.getAsDouble();
            score.learn(foretold, actual, 0);
            if (i >= 500) {
                tally.add(foretold.quantiles(), actual);
            }
        }
        return tally.share90();
    }

    @Test
    void theIntervalsOfAModelThatIsFarTooNarrowOrTooWideComeToCoverNineOfTen() {
        assertThat(covered(new IntervalScore(), () -> lognormal(10, 0.1), () -> lognormal(10, 0.5)))
                .isBetween(0.88, 0.92);
        assertThat(covered(new IntervalScore(), () -> lognormal(10, 2), () -> lognormal(10, 0.5)))
                .isBetween(0.88, 0.92);
    }

    @Test
    void aModelThatNeverDrawsTheTruthIsCorrectedByAFactor() {
        IntervalScore score = new IntervalScore();

        assertThat(covered(score, () -> lognormal(100, 0.1), () -> lognormal(25, 0.1)))
                .isBetween(0.85, 0.95);
        double[] drawn = drawn(() -> lognormal(100, 0.1));
        assertThat(score.foretell(Horizon.DRAINED, Regime.UP, drawn).quantiles().p5())
                .isLessThan(30);
    }

    @Test
    void withoutOutcomesTheIntervalIsThatOfTheModel() {
        double[] drawn = drawn(() -> lognormal(10, 1));

        assertThat(new IntervalScore()
                        .foretell(Horizon.DELIVERED, Regime.DOWN, drawn)
                        .quantiles())
                .isEqualTo(Quantiles.of(drawn));
    }

    @Test
    void regimesAndHorizonsLearnAlone() {
        IntervalScore score = new IntervalScore();
        double[] drawn = drawn(() -> lognormal(10, 1));
        for (int i = 0; i < 50; i++) {
            score.learn(score.foretell(Horizon.DELIVERED, Regime.DOWN, drawn), Double.POSITIVE_INFINITY, 0);
        }

        assertThat(score.foretell(Horizon.DELIVERED, Regime.DOWN, drawn)
                        .quantiles()
                        .p95())
                .isGreaterThan(5 * Quantiles.of(drawn).p95());
        assertThat(score.foretell(Horizon.DELIVERED, Regime.UP, drawn).quantiles())
                .isEqualTo(Quantiles.of(drawn));
        assertThat(score.foretell(Horizon.DRAINED, Regime.DOWN, drawn).quantiles())
                .isEqualTo(Quantiles.of(drawn));
    }

    @Test
    void timesThatEndTogetherMoveTheIntervalLittleMoreThanOne() {
        IntervalScore one = new IntervalScore();
        IntervalScore many = new IntervalScore();
        double[] drawn = drawn(() -> lognormal(10, 1));
        one.learn(one.foretell(Horizon.DRAINED, Regime.DOWN, drawn), Double.POSITIVE_INFINITY, 0);
        List<ForetoldTime> open = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            open.add(many.foretell(Horizon.DRAINED, Regime.DOWN, drawn));
        }
        for (int i = 0; i < 40; i++) {
            many.learn(open.get(i), Double.POSITIVE_INFINITY, i);
        }

        double afterOne =
                one.foretell(Horizon.DRAINED, Regime.DOWN, drawn).quantiles().p50();
        double afterMany =
                many.foretell(Horizon.DRAINED, Regime.DOWN, drawn).quantiles().p50();
        assertThat(afterMany).isBetween(afterOne, 1.5 * afterOne);
    }

    @Test
    void whatIsStoredInPartsIsTheWhole() {
        IntervalScore live = new IntervalScore();
        IntervalScore stored = new IntervalScore();
        double[] drawn = drawn(() -> lognormal(10, 1));
        List<ForetoldTime> open = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            open.add(live.foretell(Horizon.DELIVERED, Regime.at(i % Regime.COUNT), drawn));
            live.learn(open.get(i), lognormal(12, 1), 0);
            if (i % 7 == 0) {
                live.drain().forEach(stored::restore);
            }
        }
        stored.addAll(live);

        assertThat(stored.outcomes(Horizon.DELIVERED)).isEqualTo(200);
        assertThat(stored.outcomes(Horizon.DRAINED)).isZero();
        assertThat(stored.within90(Horizon.DELIVERED)).isCloseTo(0.9, within(0.07));
        stored.restore(1_000_000, 5, 5, 5); // of a later version
        assertThat(stored.outcomes(Horizon.DELIVERED)).isEqualTo(200);
    }

    @Test
    void whatIsLeftOfAnAttemptUnderWayIsNeverLongerThanAttemptsTake() {
        AttemptSeconds.Newest newest = new AttemptSeconds.Newest();
        assertThat(newest.seconds(3).left(5, random)).isBetween(0.0, 3.0);
        for (int i = 0; i < 1_000; i++) {
            newest.add(i % 2 == 0 ? AttemptEnd.DELIVERED : AttemptEnd.OUTAGE, i % 2 == 0 ? 0.1 : 30);
        }
        AttemptSeconds seconds = newest.seconds(3);
        double mean = DoubleStream.generate(() -> seconds.left(1, random))
                .limit(10_000)
                .average()
                .orElseThrow();

        assertThat(seconds.drawn(true, random)).isEqualTo(0.1);
        assertThat(seconds.longest(10, false, random)).isEqualTo(30);
        assertThat(mean).isCloseTo(0.05, within(0.002));
    }
}
