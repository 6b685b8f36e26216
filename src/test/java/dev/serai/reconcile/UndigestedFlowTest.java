package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.key;
import static dev.serai.reconcile.ReconcileStage.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.FlowRoutes;
import dev.serai.support.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flows that say {@code digests: false}, and what is known of them when they say it no more. */
class UndigestedFlowTest {
    @TempDir
    Path folder;

    /** What the routes say. */
    private static final class Routes implements FlowRoutes {
        final Map<String, String> off = new ConcurrentHashMap<>();

        @Override
        public FlowUse of(String flow) {
            return FlowUse.NONE;
        }

        @Override
        public Map<String, String> withoutDigests() {
            return off;
        }
    }

    @Test
    void aFlowWithoutDigestsHasNoneAndItsReconcileFileIsRefusedUntilItHasThemAgain() throws Exception {
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            Routes routes = new Routes();
            stage.camel.getRegistry().bind("flowRoutes", routes);
            stage.sendEach(1, 30);
            stage.has.remove(key(7));
            stage.reconcile(stage.byPage() + stage.byKey());
            assertThat(keys(stage.run(), "missing")).containsExactly(key(7));
            Path book = folder.resolve("reconcile/orders.db");
            assertThat(book).exists();

            routes.off.put("orders", "routes/orders.camel.yaml:7");

            await().atMost(Patience.MAX).until(() -> !stage.refused().isEmpty());
            assertThat(stage.refused().get(0).line()).isEqualTo(1);
            assertThat(stage.refused().get(0).reason())
                    .contains("the flow orders says digests: false (routes/orders.camel.yaml:7)");
            assertThat(stage.reconciler.refusal("orders"))
                    .hasValue(stage.refused().get(0).reason());
            assertThat(stage.reconciler.names()).isEmpty();
            assertThat(stage.reconciler.start("orders", RunRequest.LOOK)).isFalse();
            assertThat(book).doesNotExist();
            assertThat(stage.reconciler.mistakes(true)).hasSize(1);
            assertThat(stage.reconciler.mistakes(false))
                    .as("of a reload of routes")
                    .isEmpty();

            stage.sendEach(31, 40); // nobody follows now
            routes.off.clear();

            await().atMost(Patience.MAX).until(() -> stage.reconciler.names().contains("orders"));
            ReconcileReport again = stage.run();
            assertThat(keys(again, "missing")).containsExactly(key(7));
            assertThat(again.equal()).isEqualTo(39);
            assertThat(again.complete()).isTrue();
            assertThat(again.completeSince()).isNull();
        }
    }

    @Test
    void theBookOfAFileThatIsGoneIsDeletedToo() throws Exception {
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            stage.sendEach(1, 3);
            stage.reconcile(stage.byKey());
            stage.run();
            stage.reconciler.stop();
            Files.delete(folder.resolve("orders.reconcile.yaml"));
            Routes routes = new Routes();
            routes.off.put("orders", "a route");
            stage.camel.getRegistry().bind("flowRoutes", routes);

            stage.reconcileNothing();

            await().atMost(Patience.MAX).until(() -> Files.notExists(folder.resolve("reconcile/orders.db")));
        }
    }

    @Test
    void digestsThatCannotBeMadeOfAllChangesSayFromWhenOnTheyAreWhole() throws Exception {
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            stage.sendEach(1, 30);
        }
        ReconcileStage.forgetSettled(folder);
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            for (int i = 1; i <= 30; i++) {
                stage.has.put(key(i), ReconcileStage.json(ReconcileStage.state(i)));
            }
            Instant before = Instant.now().minusMillis(1);
            stage.sendEach(31, 40);
            stage.reconcile(stage.byPage() + stage.byKey());

            ReconcileReport found = stage.run();

            assertThat(found.complete()).isFalse();
            assertThat(Instant.parse(String.valueOf(found.completeSince()))).isBetween(before, Instant.now());
            assertThat(found.equal()).isEqualTo(10);
            assertThat(found.unknown())
                    .as("of keys that are extra or were forgotten")
                    .isEqualTo(30);
        }
    }
}
