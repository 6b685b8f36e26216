package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.VirtualTime;
import dev.serai.rhythm.SourceMemory;
import java.time.Duration;
import java.time.ZoneOffset;
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
    void aSourceThatPushesNoMoreIsSilentUnlessItIsRefused() {
        status.pauses().remember(SourceMemory.none(ZoneOffset.UTC));
        for (int pushes = 0; pushes < 10 * 24 * 60; pushes++) {
            time.advance(Duration.ofMinutes(1));
            status.taken(1, 0, "orders");
        }
        assertThat(report().usualPause()).isEqualTo(Duration.ofMinutes(1));
        time.advance(Duration.ofSeconds(150));
        status.pauses().look(true);
        assertThat(report().state()).isEqualTo(SourceState.OK);

        time.advance(Duration.ofSeconds(60));
        status.pauses().look(true);

        assertThat(report().state()).isEqualTo(SourceState.SILENT);
        assertThat(report().since()).isEqualTo("2026-01-11T00:00:00Z");
        assertThat(report().reason())
                .isEqualTo(
                        "no push was accepted since 2026-01-11T00:00:00Z; at this hour of the week the usual pause is 60 s");
        assertThat(status.report("orders-in", true).state()).isEqualTo(SourceState.STOPPED);
        for (int i = 0; i < 5; i++) {
            status.refused(401);
        }
        assertThat(report().state()).as("a changed secret").isEqualTo(SourceState.FAILING);
    }

    @Test
    void whatIsNotKnownIsNoSilenceAndASilenceEndsOnlyWithAPush() {
        SourceMemory memory = SourceMemory.none(ZoneOffset.UTC);
        status.pauses().remember(memory);
        for (int pushes = 0; pushes < 10 * 24 * 60; pushes++) {
            time.advance(Duration.ofMinutes(1));
            status.taken(1, 0, "orders");
        }
        time.advance(Duration.ofMinutes(10));
        status.pauses().look(false);
        assertThat(report().state()).isEqualTo(SourceState.OK);
        time.advance(Duration.ofSeconds(150));
        status.pauses().look(true);
        assertThat(report().state()).as("since it was not known").isEqualTo(SourceState.OK);
        time.advance(Duration.ofMinutes(1));
        status.pauses().look(true);
        assertThat(report().state()).isEqualTo(SourceState.SILENT);
        assertThat(report().silentSince()).isEqualTo(report().since());

        status.pauses().look(false);
        assertThat(report().state()).isEqualTo(SourceState.SILENT);
        status.pauses().cameElsewhere();
        assertThat(report().state()).isEqualTo(SourceState.OK);
        assertThat(report().arrivals()).as("here").isEqualTo(10 * 24 * 60);
    }

    @Test
    void aSilenceThatAnotherNodeKnowsIsTakenUpUnlessSomethingCame() {
        SourceMemory memory = SourceMemory.none(ZoneOffset.UTC);
        for (int pushes = 0; pushes < 10 * 24 * 60; pushes++) {
            time.advance(Duration.ofMinutes(1));
            memory.rhythm().came(time.instant(), time.monotonicMillis());
        }
        SourceMemory fresh = SourceMemory.of(memory.text(), ZoneOffset.UTC);
        time.advance(Duration.ofMinutes(10));
        status.pauses().remember(fresh);
        status.pauses().nothingSince(time.instant().minus(Duration.ofMinutes(10)));
        status.pauses().look(true);
        assertThat(report().since()).isEqualTo("2026-01-11T00:00:00Z");

        status.taken(1, 0, "orders");
        status.pauses().begin();
        status.pauses().nothingSince(time.instant().minus(Duration.ofMinutes(10)));
        status.pauses().look(true);
        assertThat(report().state()).as("what was said before the push").isEqualTo(SourceState.OK);
    }

    @Test
    void aSourceWhoseRouteDoesNotRunIsStopped() {
        assertThat(status.report("orders-in", true).state()).isEqualTo(SourceState.STOPPED);
    }
}
