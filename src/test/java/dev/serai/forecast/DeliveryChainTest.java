package dev.serai.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The chain of a change, against closed forms and in general. */
class DeliveryChainTest {
    private static final Offset<Double> EXACT = within(1e-9);
    /** So many attempts that the prior does not matter beyond the fourth digit. */
    private static final long MANY = 10_000_000;

    private static final Offset<Double> CLOSE = within(1e-4);
    private static final RetryPlan FOUR = new RetryPlan(4, 1, 2, 3600, 0);

    /** The same shares for all attempt numbers and regimes, but for those when it is down. */
    private static ChainCounts everywhere(double delivered, double failed, double refused, double spared) {
        ChainCounts counts = new ChainCounts();
        for (Regime regime : Regime.values()) {
            for (AttemptBucket bucket : AttemptBucket.values()) {
                counts.add(ChainCounts.cell(regime, bucket, AttemptEnd.DELIVERED), Math.round(MANY * delivered));
                counts.add(ChainCounts.cell(regime, bucket, AttemptEnd.FAILED), Math.round(MANY * failed));
                counts.add(ChainCounts.cell(regime, bucket, AttemptEnd.REFUSED), Math.round(MANY * refused));
                counts.add(ChainCounts.cell(regime, bucket, AttemptEnd.SPARED), Math.round(MANY * spared));
            }
        }
        return counts;
    }

    private static DeliveryChain chain(ChainCounts counts, RetryPlan plan) {
        return new DeliveryChain(new TransitionShares(counts), new RegimeModel(List.of()), plan, 0);
    }

    @Test
    void aGeometricChainDeliversWithItsClosedForm() {
        double success = 0.7;
        DeliveryChain chain = chain(everywhere(success, 1 - success, 0, 0), FOUR);

        assertThat(chain.delivered(1, Regime.UP)).isCloseTo(1 - Math.pow(0.3, 4), CLOSE);
        assertThat(chain.dead(1, Regime.UP)).isCloseTo(Math.pow(0.3, 4), CLOSE);
        assertThat(chain.attempts(Regime.UP)).isCloseTo((1 - Math.pow(0.3, 4)) / success, CLOSE);
        assertThat(chain.delivered(3, Regime.UP)).as("two attempts are left").isCloseTo(1 - 0.09, CLOSE);
    }

    @Test
    void aChainOfTwoAttemptsHasTheMatricesThatAreFoundByHand() {
        // Q = (0 0.2; 0 0), R = (0.7 0.1; 0.7 0.3), N = (1 0.2; 0 1), B = (0.84 0.16; 0.7 0.3).
        DeliveryChain chain = chain(everywhere(0.7, 0.2, 0.1, 0), new RetryPlan(2, 1, 1, 1, 0));

        assertThat(chain.delivered(1, Regime.UP)).isCloseTo(0.84, CLOSE);
        assertThat(chain.dead(1, Regime.UP)).isCloseTo(0.16, CLOSE);
        assertThat(chain.delivered(2, Regime.UP)).isCloseTo(0.7, CLOSE);
        assertThat(chain.dead(2, Regime.UP)).isCloseTo(0.3, CLOSE);
        assertThat(chain.attempts(Regime.UP)).isCloseTo(1.2, CLOSE);
        assertThat(chain.states()).containsExactly("1", "2", "delivered", "dead");
        double[][] matrix = chain.matrix(Regime.UP);
        assertThat(matrix[0]).containsExactly(new double[] {0, 0.2, 0.7, 0.1}, CLOSE);
        assertThat(matrix[1]).containsExactly(new double[] {0, 0, 0.7, 0.3}, CLOSE);
    }

    @Test
    void attemptsThatAreNotCountedCostNothing() {
        DeliveryChain plain = chain(everywhere(0.7, 0.3, 0, 0), FOUR);
        DeliveryChain spared = chain(everywhere(0.35, 0.15, 0, 0.5), FOUR);

        assertThat(spared.delivered(1, Regime.UP)).isCloseTo(plain.delivered(1, Regime.UP), CLOSE);
        assertThat(spared.attempts(Regime.UP)).isCloseTo(plain.attempts(Regime.UP), CLOSE);
    }

    @Test
    void whileTheTargetIsDownAChangeWaitsAndLosesNothing() {
        DeliveryChain chain = chain(everywhere(0.7, 0.3, 0, 0), FOUR);

        assertThat(chain.delivered(1, Regime.DOWN)).isCloseTo(chain.delivered(1, Regime.UP), CLOSE);
        assertThat(chain.attempts(Regime.DOWN)).isCloseTo(chain.attempts(Regime.UP), CLOSE);
    }

    @Test
    void withoutAnEndOfAttemptsAllIsDeliveredThatIsNotRefused() {
        DeliveryChain chain = chain(everywhere(0.6, 0.3, 0.1, 0), new RetryPlan(Integer.MAX_VALUE, 1, 2, 60, 0));

        assertThat(chain.delivered(1, Regime.UP)).isCloseTo(0.6 / 0.7, CLOSE);
    }

    @Test
    void theBudgetIsTheFewestRedeliveriesThatReachTheProbability() {
        DeliveryChain chain = chain(everywhere(0.7, 0.3, 0, 0), FOUR);
        // 1 - 0.3^5 = 0.99757, 1 - 0.3^6 = 0.99927
        assertThat(chain.budget(0.999, Regime.UP)).isEqualTo(OptionalInt.of(5));
        assertThat(chain.budget(0.7, Regime.UP).orElse(-1)).isIn(0, 1);
        assertThat(chain(everywhere(0.9, 0, 0.1, 0), FOUR).budget(0.99, Regime.UP))
                .as("more are refused")
                .isEmpty();
    }

    @Test
    void anyCountsMakeProbabilities() {
        RandomGenerator random = new SplittableRandom(3);
        for (int run = 0; run < 200; run++) {
            ChainCounts counts = new ChainCounts();
            for (int cell = 0; cell < ChainCounts.TIMED; cell++) {
                counts.add(cell, random.nextInt(4) == 0 ? random.nextInt(1000) : 0);
            }
            List<RegimePeriod> periods = new ArrayList<>();
            long at = 0;
            for (int i = 0; i < 5; i++) {
                long end = at + random.nextInt(1_000_000);
                periods.add(new RegimePeriod(Regime.at(random.nextInt(4)), at, end, random.nextBoolean()));
                at = end;
            }
            RegimeModel regimes = new RegimeModel(periods);
            TransitionShares shares = new TransitionShares(counts);
            double before = 0;
            for (int attempts = 1; attempts <= 6; attempts++) {
                RetryPlan plan = new RetryPlan(attempts, random.nextDouble() * 100, 1 + random.nextDouble(), 3600, 0);
                DeliveryChain chain = new DeliveryChain(shares, regimes, plan, random.nextDouble() * 10);
                for (Regime regime : Regime.values()) {
                    double delivered = chain.delivered(1, regime);
                    assertThat(delivered).isBetween(0.0, 1.0);
                    assertThat(delivered + chain.dead(1, regime)).isCloseTo(1, EXACT);
                    assertThat(chain.attempts(regime)).isBetween(1.0 - 1e-9, attempts + 1e-9);
                }
                for (double[] row : chain.matrix(Regime.UP)) {
                    double sum = 0;
                    for (double share : row) {
                        assertThat(share).isBetween(0.0, 1.0);
                        sum += share;
                    }
                    assertThat(sum).isCloseTo(1, EXACT);
                }
                if (attempts == 1) {
                    before = 0;
                }
                double now = new DeliveryChain(shares, regimes, new RetryPlan(attempts, 1, 2, 3600, 0), 0)
                        .delivered(1, Regime.UP);
                assertThat(now).as("more attempts deliver no less").isGreaterThanOrEqualTo(before - 1e-12);
                before = now;
            }
            for (double[] row : regimes.after(random.nextDouble() * 10_000)) {
                double sum = 0;
                for (double share : row) {
                    assertThat(share).isBetween(-1e-12, 1 + 1e-12);
                    sum += share;
                }
                assertThat(sum).isCloseTo(1, EXACT);
            }
        }
    }
}
