package dev.serai.ledger.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentOutcomesTest {
    private static final Outcome OK = new Outcome.Delivered(200);
    private static final Outcome OUTAGE = new Outcome.Failed(503, "busy", null, true);

    private final VirtualTime time = new VirtualTime();
    private final RecentOutcomes recent = new RecentOutcomes(time);

    private void attempts(int failures, int of) {
        for (int i = 0; i < of; i++) {
            recent.add(i < failures ? OUTAGE : OK, 1);
        }
    }

    @Test
    void afterSuccessesAloneThreeFailuresInARowAreNoChance() {
        recent.add(OUTAGE, 1);
        assertThat(recent.failuresBeyondChance()).as("before any success").isEqualTo(3);
        attempts(0, 100);
        recent.add(OUTAGE, 1);
        assertThat(recent.failuresBeyondChance()).isEqualTo(3);
    }

    @Test
    void theMoreFailedBeforeTheMoreMayFailByChance() {
        attempts(30, 100); // of the last minute: the latest 20 succeeded
        recent.add(OUTAGE, 1);
        assertThat(recent.failuresBeyondChance()).isEqualTo(10);

        time.advance(Duration.ofMinutes(2));
        attempts(10, 19);
        recent.add(OUTAGE, 1);
        assertThat(recent.failuresBeyondChance()).isEqualTo(17);

        attempts(100, 100);
        assertThat(recent.failuresBeyondChance()).isEqualTo(50);
    }
}
