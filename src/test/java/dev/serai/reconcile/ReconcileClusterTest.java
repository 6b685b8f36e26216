package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.model.LedgerException;
import dev.serai.reconcile.ReconcileCluster.TestNode;
import dev.serai.reconcile.bill.BillReport;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BillBook.BillLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.store.postgres.TestServer;
import dev.serai.support.Patience;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that share a ledger have one set of books, and each of them gives the whole answer. */
class ReconcileClusterTest {
    private static final LocalDate DAY = LocalDate.parse("2026-11-20");

    @TempDir
    Path folder;

    @Test
    void whicheverNodeIsAskedRunsAndGivesTheWholeAnswer() throws Exception {
        try (ReconcileCluster cluster = new ReconcileCluster(folder, "")) {
            TestNode a = cluster.join("a");
            TestNode b = cluster.join("b");
            b.sendEach(1, 120);
            cluster.has.remove(key(7));
            ReconcileReport found = b.run();
            assertThat(found.state()).isEqualTo("done");
            assertThat(found.keys()).isEqualTo(120);
            assertThat(ReconcileStage.keys(found, "missing")).containsExactly(key(7));
            assertThat(a.report()).isEqualTo(b.report()).isEqualTo(found);
            await().atMost(Patience.MAX).untilAsserted(() -> assertThat(b.desk.overview())
                    .isEqualTo(a.desk.overview())
                    .satisfies(
                            now -> assertThat(now.states()).singleElement().satisfies(one -> assertThat(one.differing())
                                    .isEqualTo(1))));

            b.desk.start("orders", new RunRequest(false, 0, true, false, List.of(), 1_000, 1_000));
            ReconcileReport repaired = b.ended();
            assertThat(repaired.repaired()).isEqualTo(1);
            assertThat(cluster.has).containsKey(key(7));
            assertThatThrownBy(() ->
                            b.desk.start("orders", new RunRequest(false, 10, false, false, List.of(), 1_000, 1_000)))
                    .isInstanceOf(LedgerException.Invalid.class)
                    .hasMessageContaining("a sample needs read or sql");
        }
    }

    @Test
    void ofARunThatTwoNodesBeginInTheSameMomentOneIsRefused() throws Exception {
        try (ReconcileCluster cluster = new ReconcileCluster(folder, "")) {
            TestNode a = cluster.join("a");
            TestNode b = cluster.join("b");
            b.sendEach(1, 3);
            CountDownLatch goOn = new CountDownLatch(1);
            cluster.listener = page -> goOn.await();
            b.report();
            List<String> outcomes = Stream.of(a, b)
                    .map(node -> CompletableFuture.supplyAsync(() -> {
                        try {
                            return node.desk.start("orders", RunRequest.LOOK).state();
                        } catch (LedgerException.InUse e) {
                            return String.valueOf(e.getMessage());
                        }
                    }))
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .toList();
            assertThat(outcomes)
                    .containsExactlyInAnyOrder("running", "a run of orders is under way: ask again when it is over");
            goOn.countDown();
            assertThat(b.ended().equal()).isEqualTo(3);
        }
    }

    @Test
    void aScheduledRunHappensOnceInAClusterAndNotAgainWhenTheBooksMove() throws Exception {
        try (ReconcileCluster cluster = new ReconcileCluster(folder, "every: 1h\n")) {
            TestNode a = cluster.join("a");
            TestNode b = cluster.join("b");
            ReconcileReport first = b.ended();
            assertThat(a.report()).isEqualTo(first);
            a.leave();
            await().atMost(Patience.MAX).until(b.ledger::isFirstOwn);
            assertThat(b.report().startedAt()).isEqualTo(first.startedAt());
            b.run(); // after the node that keeps the books now has looked at the schedule, in which nothing is due
            assertThat(cluster.pages).containsExactly(1, 1);
        }
    }

    @Test
    void aRunGoesOnAtTheNextNodeAndTheMarkAndWhatWasFoundAreThere() throws Exception {
        try (ReconcileCluster cluster = new ReconcileCluster(folder, "")) {
            TestNode a = cluster.join("a");
            TestNode b = cluster.join("b");
            a.sendEach(1, 250);
            a.run();
            Instant mark = a.desk.overview().verifiedThrough().get(ReconcileStage.SHOP);
            assertThat(mark).isNotNull();
            cluster.pages.clear();
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            cluster.listener = page -> {
                if (page == 3) {
                    reached.countDown();
                    goOn.await();
                }
            };
            a.desk.start("orders", RunRequest.LOOK);
            reached.await();
            cluster.has.put(key(5), "{\"id\":\"" + key(5) + "\",\"amount\":0}"); // which was read
            a.leave();
            await().atMost(Patience.MAX).until(b.ledger::isFirstOwn);
            assertThat(b.report().state()).isEqualTo("running");
            assertThat(b.desk.overview().verifiedThrough()).containsEntry(ReconcileStage.SHOP, mark);
            goOn.countDown();
            ReconcileReport found = b.ended();
            assertThat(found.equal()).isEqualTo(250);
            assertThat(cluster.pages.stream().filter(page -> page == 1)).hasSize(1);
            assertThat(b.desk.overview().verifiedThrough().get(ReconcileStage.SHOP))
                    .isAfter(mark);
        }
    }

    @Test
    void aDaySignedOffAtOneNodeIsSignedOffAtAllAndAtTheNextThatKeepsTheBooks() throws Exception {
        try (ReconcileCluster cluster = new ReconcileCluster(folder, """
                bill:
                  platform: wechat-pay
                  url: http://127.0.0.1:9
                  mchid: "1900000001"
                  serialNumber: 5157F09EFDC096DE15EBE81A47057A7232F1B8E1
                  privateKey: file:sandbox/keys/wechatpay-test-private-key.pem
                  publicKeyId: PUB_KEY_ID_SANDBOX
                  publicKey: file:sandbox/keys/wechatpay-test-public-key.pem
                  ledger: { id: .id, amount: .amount, time: .at }
                  target: { amount: .amount }
                """)) {
            TestNode a = cluster.join("a");
            TestNode b = cluster.join("b");
            assertThat(b.desk.bills()).containsExactly("orders");
            b.desk.startDay("orders", DAY, false, false, false);
            BillReport failed = await().atMost(Patience.MAX)
                    .ignoreExceptions() // a busy machine may keep a node from answering once
                    .until(() -> b.desk.day("orders", DAY), one -> one.state().equals("failed"));
            assertThat(a.desk.day("orders", DAY)).isEqualTo(failed);
            assertThat(b.desk.days("orders", 10)).hasSize(1);
            await().atMost(Patience.MAX)
                    .until(() -> b.desk.overview().billTroubles().containsKey("orders"));
            assertThatThrownBy(() -> b.desk.signOff("orders", DAY, "kim", "seen"))
                    .isInstanceOf(LedgerException.InUse.class)
                    .hasMessageContaining("not compared to its end");

            // As after a run that found one payment, which the platform of this test does not have.
            try (BillBook book = new BillBook(new BookPlace(folder, cluster.sideTables()), "orders")) {
                book.addBill(DAY, List.of(new BillLine("P-1", new SideValue(6_500L, "SUCCESS"), false, null)));
                book.mark(DAY, book.after(DAY, "", 1), List.of("missingHere"));
                book.save(DAY, true, done());
            }
            await().atMost(Patience.MAX)
                    .ignoreExceptions()
                    .until(() -> b.desk.signOff("orders", DAY, "kim", "seen").signedOff() != null);
            assertThat(a.desk.day("orders", DAY).signedOff())
                    .satisfies(signed ->
                            assertThat(Objects.requireNonNull(signed).by()).isEqualTo("kim"));
            a.leave();
            await().atMost(Patience.MAX).until(b.ledger::isFirstOwn);
            await().atMost(Patience.MAX)
                    .ignoreExceptions()
                    .until(() -> b.desk.day("orders", DAY).signedOff() != null);
            assertThat(b.desk.day("orders", DAY).differences()).hasSize(1);
        }
    }

    private static String done() {
        return """
                {"name":"orders","platform":"wechat-pay","flow":"orders","target":"shop","day":"2026-11-20","state":"done",
                 "startedAt":"2026-11-21T02:30:00Z","endedAt":"2026-11-21T02:30:01Z","onBill":1,"differing":1,"missingHere":1,
                 "complete":true,"differences":[],"totals":{"bill":{"payments":1,"amount":6500,"refunds":0,"refunded":0},
                 "ledger":{"payments":0,"amount":0,"refunds":0,"refunded":0},
                 "target":{"payments":0,"amount":0,"refunds":0,"refunded":0}}}""";
    }

    @Test
    void booksThatCannotBeReadAreAReasonAtEachNodeAndNoAnswer() throws Exception {
        try (ReconcileCluster cluster = new ReconcileCluster(folder, "")) {
            TestNode a = cluster.join("a");
            TestNode b = cluster.join("b");
            b.sendEach(1, 3);
            b.run();
            TestServer.execute("ALTER SCHEMA " + cluster.schema + "_side_1 RENAME TO " + cluster.schema + "_away");
            for (TestNode node : List.of(a, b)) {
                assertThatThrownBy(() -> node.desk.report("orders"))
                        .isInstanceOf(LedgerException.Unavailable.class)
                        .hasMessageContaining("the book orders cannot be read");
            }
            TestServer.execute("ALTER SCHEMA " + cluster.schema + "_away RENAME TO " + cluster.schema + "_side_1");
            assertThat(b.report().equal()).isEqualTo(3);

            TestServer.execute("ALTER TABLE " + cluster.schema + ".side_tables RENAME TO away");
            a.leave();
            await().atMost(Patience.MAX)
                    .untilAsserted(() -> assertThat(b.desk.overview().states())
                            .singleElement()
                            .satisfies(one -> assertThat(one.reason()).contains("the book orders cannot be opened")));
            assertThatThrownBy(() -> b.desk.start("orders", RunRequest.LOOK))
                    .isInstanceOf(LedgerException.Unavailable.class)
                    .hasMessageContaining("the book orders cannot be opened");
            TestServer.execute("ALTER TABLE " + cluster.schema + ".away RENAME TO side_tables");
            assertThat(b.report().equal()).isEqualTo(3);
        }
    }
}
