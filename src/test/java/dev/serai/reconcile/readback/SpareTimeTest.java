package dev.serai.reconcile.readback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SpareTimeTest {
    private static final int PROCESSORS = 4;
    private static final Duration STEP = Duration.ofMillis(5);

    private long now;
    private double load;
    private final SpareTime spare = new SpareTime(PROCESSORS, () -> load, () -> now);

    /** How many processors so many runs use that always have work. */
    private double used(int runs, Duration time) {
        long[] freeAt = new long[runs];
        long begin = now;
        long used = 0;
        while (now < begin + time.toNanos()) {
            for (int i = 0; i < runs; i++) {
                if (freeAt[i] <= now) {
                    freeAt[i] = now + STEP.toNanos() + spare.used(STEP).toNanos();
                    used += STEP.toNanos();
                }
            }
            now += Duration.ofMillis(1).toNanos();
        }
        return (double) used / time.toNanos();
    }

    @Test
    void aRunHasAProcessorForItselfWhileTheMachineIsNotBusy() {
        load = 0.5;
        assertThat(used(1, Duration.ofMinutes(1))).isBetween(0.99, 1.01);
    }

    @Test
    void manyRunsHaveTheirPartTogetherWhileTheMachineIsBusyAndMoreAfterwards() {
        load = 1;
        used(50, Duration.ofSeconds(10)); // until that is seen
        assertThat(used(50, Duration.ofMinutes(1)) / PROCESSORS)
                .isBetween(SpareTime.PART_MIN * 0.95, SpareTime.PART_MIN * 1.05);

        load = 0.5;
        used(50, Duration.ofSeconds(10));
        assertThat(used(50, Duration.ofMinutes(1)) / PROCESSORS).isBetween(0.95, 1.05);
    }

    @Test
    void aLoadThatIsNotKnownLimitsNothing() {
        load = -1;
        assertThat(used(1, Duration.ofMinutes(1))).isBetween(0.99, 1.01);
    }
}
