package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.VirtualTime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PushStatusTest {
    private final VirtualTime time = new VirtualTime();
    private final PushStatus status = new PushStatus("push", time);

    private SourceReport report() {
        return status.report("orders-in", false);
    }

    @Test
    void aSourceThatRefusesMuchIsFailingWithTheMostFrequentReason() {
        for (int i = 0; i < 14; i++) {
            status.taken(1, 0, "orders");
        }
        for (int i = 0; i < 5; i++) {
            status.refused(401);
        }
        status.refused(400);

        assertThat(report().state()).isEqualTo(SourceState.FAILING);
        assertThat(report().reason())
                .isEqualTo("6 of the last 20 requests were refused, most of them as signature (401)");
        assertThat(report().refused()).containsOnly(Map.entry("signature", 5L), Map.entry("unreadable", 1L));
        assertThat(report().lastError())
                .extracting(SourceReport.SourceError::text)
                .isEqualTo("unreadable (400)");
    }

    @Test
    void itIsOkAgainTenMinutesAfterTheLastRefusalIfItAcceptsAgain() {
        status.refused(503);
        assertThat(report().state()).isEqualTo(SourceState.FAILING);
        time.advance(Duration.ofHours(1));
        assertThat(report().state()).as("nothing was accepted since").isEqualTo(SourceState.FAILING);

        status.taken(0, 1, "orders");

        assertThat(report().state()).isEqualTo(SourceState.OK);
        assertThat(report().duplicates()).isEqualTo(1);
        assertThat(report().reason()).isNull();
    }

    @Test
    void aSourceWhoseRouteDoesNotRunIsStopped() {
        assertThat(status.report("orders-in", true).state()).isEqualTo(SourceState.STOPPED);
    }
}
