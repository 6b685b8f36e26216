package dev.serai.reconcile.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.reconcile.ReconcileState;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.RunRequest;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.support.Patience;
import dev.serai.task.LedgerScheduler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of reconciliations where the books are not. */
class ReconcileDeskTest {
    private static final int SHARDS = 2;

    @TempDir
    Path folder;

    private final MemoryCluster cluster = new MemoryCluster(SHARDS);

    /** A node that has a reconcile file. */
    private final class DeskNode implements AutoCloseable {
        final ReconcileDesk desk;
        private final LedgerScheduler scheduler = new LedgerScheduler(2, Executors.defaultThreadFactory());
        private final CamelContext camel = new LeanCamelContext(true);
        private final Ledger ledger;

        DeskNode(String name) throws Exception {
            ledger = new Ledger(
                    cluster.join(name),
                    cluster.peers(name),
                    new LedgerSettings(
                            Limits.DEFAULT,
                            Retention.DEFAULT,
                            new LedgerClock(TimeSource.system()),
                            new Random(),
                            scheduler,
                            Runnable::run,
                            (target, state, sinceAccepted) -> {}));
            scheduler.whenFailed(ledger::fail);
            camel.getRegistry().bind("ledger", new LedgerComponent(url -> ledger));
            camel.start();
            Path own = Files.createDirectories(folder.resolve(name));
            Path file = Files.writeString(
                    own.resolve("orders.reconcile.yaml"),
                    "flow: orders\ntarget: shop\nread: { url: 'http://127.0.0.1:9/{key}' }\n");
            BookPlace books = new BookPlace(own.resolve("books"), null);
            desk = new ReconcileDesk(
                    new Reconciler(camel, () -> List.of(file), books, Clock.systemUTC()), Clock.systemUTC());
            desk.open(ledger);
        }

        @Override
        public void close() {
            desk.close();
            camel.stop();
            ledger.close();
            scheduler.shutdownNow();
        }
    }

    @Test
    void whileNoNodeHasTheFirstShardEachQuestionIsRefusedWithTheReasonAndNothingIsCalledOk() throws Exception {
        try (DeskNode a = new DeskNode("a");
                DeskNode b = new DeskNode("b")) {
            for (DeskNode node : List.of(a, b)) {
                await().atMost(Patience.MAX)
                        .ignoreExceptions()
                        .until(() -> node.desk.report("orders").state().equals("never"));
                await().atMost(Patience.MAX)
                        .untilAsserted(() -> assertThat(node.desk.overview().states())
                                .extracting(ReconcileState::word)
                                .containsExactly(ReconcileState.OK));
            }
            cluster.takeOver(0, "a node that is gone");
            for (DeskNode node : List.of(a, b)) {
                await().atMost(Patience.MAX).until(() -> !node.ledger.isFirstOwn());
                await().atMost(Patience.MAX)
                        .untilAsserted(() -> assertThatThrownBy(() -> node.desk.start("orders", RunRequest.LOOK))
                                .isInstanceOf(LedgerException.Overloaded.class)
                                .hasMessageContaining("no node has"));
                await().atMost(Patience.MAX).untilAsserted(() -> assertThat(
                                node.desk.overview().states())
                        .singleElement()
                        .satisfies(one -> assertThat(one.word()).isEqualTo(ReconcileState.FAILING))
                        .satisfies(one -> assertThat(one.reason()).contains("it is not known here", "no node has")));
                assertThat(node.desk.names()).containsExactly("orders");
            }
        }
    }
}
