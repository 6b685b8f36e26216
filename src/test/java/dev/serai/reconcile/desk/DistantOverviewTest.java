package dev.serai.reconcile.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.reconcile.desk.ReconcileDesk.DeskOverview;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class DistantOverviewTest {
    private static final DeskOverview SAID = new DeskOverview(List.of(), Map.of());

    private Instant now = Instant.parse("2026-01-31T08:00:00Z");
    private Supplier<CompletableFuture<DeskOverview>> answer = () -> CompletableFuture.completedFuture(SAID);
    private final DistantOverview overview = new DistantOverview(() -> now);

    /** What is shown. */
    private DeskOverview shown() {
        return overview.overview(() -> answer.get(), (why, since) -> new DeskOverview(List.of(), Map.of("why", why)));
    }

    @Test
    void anAnswerFromBeforeTheClockWasSetBackIsNotShownAsNew() {
        assertThat(shown()).isSameAs(SAID);
        now = now.minus(Duration.ofHours(1));
        answer = () -> CompletableFuture.failedFuture(new IllegalStateException("connection refused"));
        assertThat(shown().billTroubles())
                .hasEntrySatisfying("why", why -> assertThat(why).contains("connection refused"));

        answer = () -> CompletableFuture.completedFuture(SAID);
        assertThat(shown()).isSameAs(SAID);
    }
}
