package dev.serai.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleBoundTest {
    @Test
    void ofNoneThatDiffersItIsTheRootOfTheDoubt() {
        assertThat(SampleBound.of(0, 3_000)).isCloseTo(1 - Math.pow(0.05, 1 / 3_000.0), within(1e-12));
        assertThat(SampleBound.of(0, 3_000)).isLessThan(0.001);
        assertThat(SampleBound.of(0, 1)).isCloseTo(0.95, within(1e-12));
    }

    /** The table of Clopper and Pearson, Biometrika 26 (1934), at 90 % two-sided: 1 of 10 is below 0.394, 5 of 10 below 0.778. */
    @Test
    void ofSomeItIsTheUpperLimitOfClopperAndPearson() {
        assertThat(SampleBound.of(1, 10)).isCloseTo(0.3942, within(1e-4));
        assertThat(SampleBound.of(5, 10)).isCloseTo(0.7776, within(1e-4));
        assertThat(SampleBound.of(10, 10)).isEqualTo(1);
    }

    @Test
    void theTrueShareIsBelowItInNineteenOfTwentySamplesAtLeast() {
        Random random = new Random(7);
        int misled = 0;
        int samples = 2_000;
        for (int sample = 0; sample < samples; sample++) {
            int differing = 0;
            for (int key = 0; key < 200; key++) {
                differing += random.nextDouble() < 0.02 ? 1 : 0;
            }
            misled += SampleBound.of(differing, 200) < 0.02 ? 1 : 0;
        }
        assertThat(misled).isLessThan(samples / 20);
    }
}
