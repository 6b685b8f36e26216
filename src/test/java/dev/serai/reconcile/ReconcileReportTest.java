package dev.serai.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.TargetName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReconcileReportTest {
    private static final ReconcileFile FILE = new ReconcileFile(
            "orders",
            Path.of("orders.reconcile.yaml"),
            new TargetName("orders", "shop"),
            null,
            null,
            null,
            Duration.ZERO,
            null,
            Duration.ofSeconds(1),
            0,
            Duration.ZERO,
            0,
            null,
            null,
            "");
    private static final ReconcileReport EQUAL = hot("done", Map.of());
    private static final ReconcileReport STALE = hot("done", Map.of("stale", 1L));

    private static ReconcileReport hot(String state, Map<String, Long> counts) {
        return of(RunRequest.LOOK_AT_RECENT, state, counts);
    }

    private static ReconcileReport of(RunRequest request, String state, Map<String, Long> counts) {
        RunProgress run = new RunProgress(request, Instant.parse("2026-01-01T00:00:00Z"));
        return ReconcileReport.of(FILE, run, state, null, null, counts, 0, 0, null);
    }

    @Test
    void ofHotWindowsOnlyWhatIsNewIsNews() {
        assertThat(EQUAL.isNews(EQUAL)).isFalse();
        assertThat(STALE.isNews(EQUAL)).isTrue();
        assertThat(STALE.isNews(STALE)).isTrue();
        assertThat(EQUAL.isNews(STALE)).isTrue();
        assertThat(EQUAL.isNews(hot("failed", Map.of()))).isTrue();
    }

    @Test
    void aRunOverAllKeysIsNewsEachTime() {
        ReconcileReport all = of(RunRequest.LOOK, "done", Map.of());

        assertThat(all.isNews(all)).isTrue();
        assertThat(EQUAL.isNews(all)).isFalse();
    }
}
