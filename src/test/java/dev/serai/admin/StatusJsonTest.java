package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.delivery.TargetStatus;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StatusJsonTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:10:00Z");

    private static String reason(long waitedSeconds, String wait) {
        TargetStatus target = new TargetStatus(
                "mobile",
                0,
                2,
                0,
                0,
                0,
                0,
                0,
                NOW.minusSeconds(waitedSeconds),
                CircuitState.CLOSED,
                null,
                null,
                0,
                RecentOutcomes.Summary.NONE,
                true,
                NodePhase.RUNNING);
        return StatusJson.target("orders", target, null, wait, NOW).reason();
    }

    @Test
    void theReasonOfASlowTargetSaysWhatTheEndOfItsRouteKnows() {
        String reader = "no reader has asked for changes for 3 min";

        assertThat(reason(180, reader))
                .isEqualTo("the oldest of 2 changes has waited for more than a minute: " + reader);
        assertThat(reason(180, null)).isEqualTo("the oldest of 2 changes has waited for more than a minute");
        assertThat(reason(5, reader)).isNull();
    }
}
