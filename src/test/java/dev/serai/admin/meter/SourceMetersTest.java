package dev.serai.admin.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.camel.SourceSum;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.cluster.NodeNews;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Two nodes of this process share a ledger, and one of them is asked for metrics. */
class SourceMetersTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final MemoryCluster cluster = new MemoryCluster(2);

    @AutoClose
    private final KameletRunner a =
            KameletRunner.listeningInCluster(cluster, "a").start();

    @AutoClose
    private final KameletRunner b =
            KameletRunner.listeningInCluster(cluster, "b").start();

    private static SourceReport report(SourceState state) {
        return new SourceReport(
                "erp-pull",
                "pull",
                List.of("orders"),
                state,
                NOON,
                "the ERP is down",
                7,
                7,
                0,
                Map.of(),
                0,
                7,
                7,
                NOON,
                null,
                null,
                NOON,
                0,
                0,
                null,
                null,
                null,
                null);
    }

    @Test
    void theStateOfASourceThatRunsAtAnotherNodeIsShownAndItsCountsAreThatNodes() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        SourceMeters meters = new SourceMeters(registry, a.context, a.ledger(), Clock.systemUTC());
        String said = SourceSum.json(List.of(report(SourceState.FAILING)));
        b.ledger().talk().tell(() -> new NodeNews(Map.of(), said, Map.of()));
        await().atMost(Patience.MAX).until(() -> {
            meters.refresh();
            return registry.find("serai.source.state").tag("state", "failing").gauge() != null;
        });
        assertThat(registry.get("serai.source.state")
                        .tags("source", "erp-pull", "state", "failing")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(registry.get("serai.source.last.good.timestamp.seconds")
                        .gauge()
                        .value())
                .isEqualTo(NOON.getEpochSecond());
        assertThat(registry.get("serai.source.failed.runs").functionCounter().count())
                .isZero();
    }
}
