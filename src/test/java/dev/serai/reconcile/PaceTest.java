package dev.serai.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final int PER_SECOND = 50;

    private long now;
    private final Pace pace = new Pace(PER_SECOND, () -> now);

    /** How many keys a second are done if each takes so long. */
    private double perSecond(Duration eachTakes) {
        int keys = 0;
        long begin = now;
        while (now - begin < Duration.ofMinutes(1).toNanos()) {
            now += eachTakes.toNanos();
            keys++;
            now += pace.taken(1);
        }
        return keys / 60.0;
    }

    @Test
    void whatTheWorkTakesIsPartOfTheRate() {
        assertThat(perSecond(Duration.ofMillis(1))).isBetween(PER_SECOND * 0.98, PER_SECOND * 1.02);
        assertThat(perSecond(Duration.ofMillis(15))).isBetween(PER_SECOND * 0.98, PER_SECOND * 1.02);
        assertThat(perSecond(Duration.ofMillis(40))).as("the work alone").isBetween(24.9, 25.1);
    }

    @Test
    void timeInWhichNothingWasDoneIsNotSavedUp() {
        now += Duration.ofHours(1).toNanos();
        pace.taken(1);

        assertThat(perSecond(Duration.ofMillis(1))).isBetween(PER_SECOND * 0.98, PER_SECOND * 1.02);
    }

    @Test
    void aGroupOfKeysIsFollowedByTheirTime() {
        assertThat(pace.taken(5)).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(new Pace(0, () -> now).taken(5)).isZero();
    }
}
