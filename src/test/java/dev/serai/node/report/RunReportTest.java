package dev.serai.node.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.delivery.TargetStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunReportTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:10:00Z");

    private static List<FlowStatus> flows(
            long accepted, long pending, long delivering, long retrying, long blocked, long dead, long delivered) {
        TargetStatus target = new TargetStatus(
                "erp",
                0,
                pending,
                delivering,
                retrying,
                blocked,
                dead,
                delivered,
                pending == 0 ? null : NOW.minusSeconds(3 * 3600),
                CircuitState.CLOSED,
                null,
                null,
                0,
                RecentOutcomes.Summary.NONE,
                true,
                NodePhase.RUNNING);
        return List.of(new FlowStatus("orders", accepted, 0, List.of(target)));
    }

    @Test
    void theStartTellsWhatWaitsFromBefore() {
        assertThat(RunReport.before(flows(2000, 1200, 1, 2, 3, 4, 0), NOW))
                .isEqualTo(
                        "Left from before: 1,201 pending, 2 retrying, 3 blocked, 4 dead; the oldest was accepted 3.0 h ago");
        assertThat(RunReport.before(flows(9, 0, 0, 0, 0, 0, 9), NOW)).isEqualTo("Nothing is left from before");
        assertThat(RunReport.before(List.of(), NOW)).isEqualTo("Nothing is left from before");
    }

    @Test
    void theEndTellsWhatTheRunDidAndWhatWaits() {
        assertThat(RunReport.end(flows(10, 1, 0, 0, 0, 0, 9), flows(1_210, 0, 1, 0, 2, 0, 1_209)))
                .isEqualTo("accepted 1,200, delivered 1,200; left: 1 pending, 2 blocked");
        assertThat(RunReport.end(List.of(), flows(5, 0, 0, 0, 0, 0, 5)))
                .isEqualTo("accepted 5, delivered 5; nothing is left");
    }

    @Test
    void whatCannotBeReadAtTheEndIsNotCalledNothing() {
        assertThat(RunReport.end(List.of(), null)).contains("not known");
    }
}
