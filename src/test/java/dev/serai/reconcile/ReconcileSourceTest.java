package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.json;
import static dev.serai.reconcile.ReconcileStage.key;
import static dev.serai.reconcile.ReconcileStage.record;
import static dev.serai.reconcile.ReconcileStage.sourceKeys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.support.Patience;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;

/** Runs that compare the source as well. */
class ReconcileSourceTest {
    private static final String VERSION = "  version: .v\n";
    private static final long BETWEEN_NANOS = 2_000_000;

    @TempDir
    Path folder;

    private ReconcileStage stage;

    @BeforeEach
    void start() throws Exception {
        stage = new ReconcileStage(folder);
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    /** Orders that were pushed, each with its first version. */
    private void pushed(int from, int to) {
        for (int i = from; i <= to; i++) {
            stage.change(key(i), i, 1, true);
        }
        stage.awaitDelivered();
    }

    private void reconcile(boolean isByKey, String more) throws Exception {
        stage.reconcile("state: '{id, amount}'\n" + stage.byPage() + stage.byKey() + stage.source(isByKey, more));
    }

    private static SourceFindings source(ReconcileReport report) {
        return Objects.requireNonNull(report.source());
    }

    /** Pushes of 1 to 5 are lost, of 11 to 15 a newer state is, and of 21 to 23 the delete. */
    private void losePushes() {
        for (int i = 1; i <= 5; i++) {
            stage.change("new" + i, i, 1, false);
            stage.change(key(i + 10), 5_000 + i, 2, false);
        }
        for (int i = 21; i <= 23; i++) {
            stage.source.remove(key(i));
        }
    }

    private static final List<String> MISSING = List.of("new1", "new2", "new3", "new4", "new5");
    private static final List<String> STALE = List.of(key(11), key(12), key(13), key(14), key(15));
    private static final List<String> EXTRA = List.of(key(21), key(22), key(23));

    private static void assertFound(ReconcileReport report) {
        assertThat(report.state()).as(report.reason()).isEqualTo("done");
        assertThat(source(report).state()).isEqualTo("done");
        assertThat(sourceKeys(report, "missing")).containsExactlyElementsOf(MISSING);
        assertThat(sourceKeys(report, "stale")).containsExactlyElementsOf(STALE);
        assertThat(sourceKeys(report, "extra")).containsExactlyElementsOf(EXTRA);
        assertThat(sourceKeys(report, "differs")).isEmpty();
        assertThat(report.differences()).isEmpty();
    }

    @Test
    void aSourceThatGrowsWhileEachOfItsPagesIsReadComesToAnEnd() throws Exception {
        pushed(1, 250);
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (exchange.getRequestURI().getPath().equals("/shop")) {
                String key = "new" + pages.incrementAndGet();
                now.source.put(key, json(record(key, 1, 1)));
                CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(() -> now.push(key, 1, 1));
            }
            return false;
        };
        stage.reconcile("state: '{id, amount}'\n" + stage.byPage() + stage.byKey()
                + stage.source(true, VERSION + "  lag: 500ms\n")
                        .replace("?page=1', records: .orders, next: .next", "?page={page}', records: .orders"));

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(source(found).state()).isEqualTo("done");
        assertThat(source(found).differences()).isEmpty();
    }

    @Test
    void exactlyWhatWasLostOnTheWayIsFoundWhileChangesFlowAndIsAccepted() throws Exception {
        pushed(1, 300);
        losePushes();
        reconcile(true, VERSION + "  lag: 500ms\n");

        AtomicBoolean over = new AtomicBoolean();
        Thread traffic = new Thread(() -> {
            Random random = new Random(7);
            int version = 2;
            while (!over.get()) {
                String key = key(101 + random.nextInt(300)); // some of them are new keys
                int amount = random.nextInt(1_000_000);
                version++;
                stage.change(key, amount, version, false);
                LockSupport.parkNanos(BETWEEN_NANOS);
                stage.push(key, amount, version);
            }
        });
        traffic.start();
        ReconcileReport found = stage.run();
        ReconcileReport repaired = stage.repair();
        over.set(true);
        traffic.join();

        assertFound(found);
        assertThat(found.source().differences())
                .filteredOn(one -> one.kind().equals("stale"))
                .allSatisfy(one -> assertThat(one.fields()).containsExactly("amount"));
        assertFound(repaired);
        assertThat(source(repaired).repaired()).isEqualTo(10);
        assertThat(source(repaired).notRepaired()).isZero();
        assertThat(stage.mark()).as("while deletes are lost").isNull();
        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.DIFFERS);
        assertThat(stage.trouble().reason())
                .isEqualTo("3 keys are not as in the source: missing, stale, different or extra here");
        stage.awaitDelivered();
        for (String key : List.of("new1", "new5", key(11), key(15))) {
            assertThat(stage.has.get(key)).isEqualTo(stage.source.get(key));
        }

        EXTRA.forEach(key -> stage.send(key, Operation.DELETE, ""));
        stage.awaitDelivered();
        Instant before = Instant.now();
        ReconcileReport last = stage.run();

        assertThat(source(last).differences()).isEmpty();
        assertThat(source(last).equal()).isEqualTo(stage.source.size());
        assertThat(stage.mark()).isAfterOrEqualTo(before.minusSeconds(1));
        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.OK);
    }

    @Test
    void aListingOfTheSourceAloneFindsAndAcceptsTheSame() throws Exception {
        pushed(1, 250);
        losePushes();
        reconcile(false, VERSION);

        assertFound(stage.run());
        assertThat(source(stage.repair()).repaired()).isEqualTo(10);
        assertThat(source(stage.run()).differences())
                .extracting(DifferenceJson::key)
                .containsExactlyElementsOf(EXTRA);
    }

    @Test
    void aTableIsReadAsASource() throws Exception {
        SQLiteDataSource shop = new SQLiteDataSource();
        shop.setUrl("jdbc:sqlite:" + folder.resolve("shop.db"));
        stage.camel.getRegistry().bind("shop", shop);
        pushed(1, 300);
        losePushes();
        try (Connection connection = shop.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (number TEXT PRIMARY KEY, amount BIGINT, v BIGINT, noise TEXT)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders VALUES (?, ?, ?, 'x')")) {
                for (var one : stage.source.entrySet()) {
                    insert.setString(1, one.getKey());
                    insert.setInt(2, one.getValue().path("amount").asInt());
                    insert.setInt(3, one.getValue().path("v").asInt());
                    insert.executeUpdate();
                }
            }
            connection.commit();
        }
        stage.reconcile("state: '{id, amount}'\n" + stage.byPage() + "source:\n"
                + "  sql: { dataSource: shop, table: orders, keyColumn: number }\n"
                + "  body: '{id: .number, amount, v}'\n" + VERSION);

        assertFound(stage.run());
        assertThat(source(stage.repair()).repaired()).isEqualTo(10);
        stage.awaitDelivered();
        assertThat(stage.has.get("new3")).isEqualTo(json(record("new3", 3, 1)));
    }

    @Test
    void nothingOlderFollowsSomethingNewerAndWhatHasNoVersionIsLeftAlone() throws Exception {
        pushed(1, 30);
        stage.push(key(7), 70, 5); // the source shows an older state, as a replica would
        stage.source.put(key(8), json("{\"id\":\"" + key(8) + "\",\"amount\":80}"));
        stage.send(key(9), Operation.UPSERT, record(key(9), 9, 1)); // by a way that gives no version
        stage.send(key(9), Operation.UPSERT, record(key(9), 10, 1));
        stage.source.put(key(9), json(record(key(9), 90, 9)));
        stage.awaitDelivered();
        reconcile(true, VERSION);

        ReconcileReport repaired = stage.repair();

        assertThat(sourceKeys(repaired, "differs")).containsExactly(key(7));
        assertThat(sourceKeys(repaired, "stale")).containsExactly(key(8), key(9));
        assertThat(source(repaired).repaired()).isZero();
        assertThat(source(repaired).differences())
                .extracting(DifferenceJson::repair)
                .containsExactly(
                        "not repaired: the source shows version 1, which is older than the accepted 5",
                        "not repaired: its record has no version, so it could follow a newer change: add version to"
                                + " source",
                        "not repaired: its last change has no version, so it is not known which of them is newer");
        assertThat(stage.has.get(key(7)).path("amount").asInt()).isEqualTo(70);
        assertThat(newest(key(8)).change().version()).isEqualTo("1");
    }

    @Test
    void whichVersionIsNewerIsKnownWhenRetentionHasDeletedTheChange() throws Exception {
        pushed(1, 30);
        stage.push(key(7), 70, 5);
        stage.awaitDelivered();
        reconcile(true, VERSION);
        stage.run();
        stage.close();
        ReconcileStage.forgetSettled(folder);
        Map<String, JsonNode> had = stage.has;
        Map<String, JsonNode> shop = stage.source;
        stage = new ReconcileStage(folder);
        stage.has.putAll(had);
        stage.source.putAll(shop);
        stage.change(key(7), 71, 3, false);
        stage.change(key(8), 80, 2, false);
        assertThat(stage.ledger.changes(new ChangeQuery("orders", key(7), null, 1)))
                .isEmpty();
        reconcile(true, VERSION);

        ReconcileReport repaired = stage.repair();

        assertThat(sourceKeys(repaired, "differs")).containsExactly(key(7));
        assertThat(sourceKeys(repaired, "stale")).containsExactly(key(8));
        assertThat(source(repaired).repaired()).isEqualTo(1);
        assertThat(source(repaired).complete()).isTrue();
        assertThat(newest(key(8)).change().version()).isEqualTo("2");
        assertThat(stage.ledger.changes(new ChangeQuery("orders", key(7), null, 1)))
                .isEmpty();
    }

    @Test
    void aRecordThatChangesBetweenTwoListingsIsOnItsWayAndNoDifference() throws Exception {
        pushed(1, 250);
        stage.change(key(7), 70, 2, false);
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).contains("/shop?page=1")) {
                int listing = pages.incrementAndGet();
                now.change(key(7), 70 + listing, 2 + listing, false);
            }
            return false;
        };
        reconcile(false, VERSION);

        ReconcileReport found = stage.run();

        assertThat(source(found).differences()).isEmpty();
        assertThat(source(found).pending()).isEqualTo(1);
        assertThat(stage.mark()).as("before what is not decided").isNotNull();
    }

    private Entry newest(String key) {
        return stage.ledger.changes(new ChangeQuery("orders", key, null, 1)).get(0);
    }

    @Test
    void aDeleteThatTheSourceShowsIsAcceptedAsOne() throws Exception {
        pushed(1, 30);
        stage.source.put(key(7), json("{\"id\":\"" + key(7) + "\",\"v\":2,\"gone\":true}"));
        reconcile(true, VERSION + "  deleted: .gone\n");

        ReconcileReport repaired = stage.repair();

        assertThat(sourceKeys(repaired, "stale")).containsExactly(key(7));
        assertThat(source(repaired).repaired()).isEqualTo(1);
        assertThat(newest(key(7)).change().operation()).isEqualTo(Operation.DELETE);
        stage.awaitDelivered();
        assertThat(stage.has).doesNotContainKey(key(7));
    }

    @Test
    void aSourceThatDoesNotShowMostOfItsRecordsFailsTheRunAndNothingIsTakenForDeleted() throws Exception {
        pushed(1, 250);
        reconcile(true, VERSION);
        stage.run();
        Instant mark = stage.mark();
        stage.listener = (now, exchange) -> { // it says that page 1 is the last
            boolean isShop = exchange.getRequestURI().getPath().equals("/shop");
            if (isShop) {
                ReconcileStage.answer(exchange, 200, "{\"total\":250,\"orders\":[" + record(key(1), 1, 1) + "]}");
            }
            return isShop;
        };

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason())
                .startsWith("the source does not have 249 of the 250 keys that were accepted from it");
        assertThat(source(failed).state()).isEqualTo("failed");
        assertThat(source(failed).differences()).isEmpty();
        assertThat(failed.equal()).as("of the target").isEqualTo(250);
        assertThat(stage.mark()).isEqualTo(mark);
        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.FAILING);
        assertThat(stage.trouble().source().word()).isEqualTo(ReconcileState.FAILING);
        assertThat(newest(key(250)).change().operation()).isEqualTo(Operation.UPSERT);

        stage.listener = (now, exchange) -> false;
        stage.run();

        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.OK);
        assertThat(stage.mark()).isAfter(mark);
    }

    // ---- How many records there are

    private void reconcileCounted() throws Exception {
        String source = stage.source(true, VERSION).replace("next: .next }", "next: .next, total: .count }");
        stage.reconcile("state: '{id, amount}'\n" + stage.byPage() + stage.byKey() + source);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, -1})
    void aListingOfOtherLengthThanTheSourceSaysFailsTheRunAndLeavesTheMark(int tooMany) throws Exception {
        pushed(1, 250);
        reconcileCounted();
        stage.run();
        Instant mark = stage.mark();
        stage.tooMany = tooMany;

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason())
                .startsWith("the source: the listing is not what total says: it has 250 records, and " + (250 + tooMany)
                        + " were told");
        assertThat(stage.mark()).isNotNull().isEqualTo(mark);
        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.FAILING);

        stage.tooMany = 0;
        assertThat(stage.run().state()).isEqualTo("done");
        assertThat(stage.mark()).isAfter(mark);
    }

    @Test
    void recordsThatComeWhileTheSourceIsReadAreCountedOnce() throws Exception {
        pushed(1, 450);
        String late = key(99) + "x"; // the last record of page 1, which moves to page 2 once it is accepted
        stage.source.put(late, json(record(late, 1, 1)));
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).contains("/shop?page=")) {
                switch (pages.incrementAndGet()) {
                    case 1 -> now.push(late, 1, 1);
                    case 2 -> {
                        now.change("a1", 1, 1, true);
                        now.change("z9", 9, 1, true);
                    }
                    default -> {}
                }
            }
            return false;
        };
        reconcileCounted();

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(source(found).differences()).isEmpty();
        assertThat(source(found).equal() + source(found).pending())
                .as("all but a1, which came to a page that was read")
                .isEqualTo(452);
    }

    @Test
    void aCountedListingBeginsAgainWhenTheNodeWasKilledInIt() throws Exception {
        pushed(1, 450);
        stage.source.put("a1", json(record("a1", 1, 1)));
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        stage.listener = (now, exchange) -> {
            boolean isLast = String.valueOf(exchange.getRequestURI()).endsWith("/shop?page=5") && killed.getCount() > 0;
            if (isLast) {
                reached.countDown();
                killed.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
                exchange.close();
            }
            return isLast;
        };
        reconcileCounted();
        await().atMost(Patience.MAX).until(() -> stage.reconciler.start("orders", RunRequest.LOOK));
        assertThat(reached.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();

        stage.reconciler.stop();
        killed.countDown();
        stage.restart();
        await().atMost(Patience.MAX).until(() -> stage.report().endedAt() != null);

        assertThat(stage.report().state()).as(stage.report().reason()).isEqualTo("done");
        assertThat(sourceKeys(stage.report(), "missing")).containsExactly("a1");
    }

    @Test
    void aSourceThatFailsInTheMiddleFailsTheRunAndLeavesTheMark() throws Exception {
        pushed(1, 250);
        reconcile(false, VERSION);
        stage.run();
        Instant mark = stage.mark();
        stage.has.remove(key(9));
        stage.listener = (now, exchange) -> {
            boolean isLast = String.valueOf(exchange.getRequestURI()).endsWith("/shop?page=3");
            if (isLast) {
                ReconcileStage.answer(exchange, 200, "<html>");
            }
            return isLast;
        };

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason()).startsWith("the source: the answer is not JSON");
        assertThat(source(failed).differences()).isEmpty();
        assertThat(ReconcileStage.keys(failed, "missing")).containsExactly(key(9));
        assertThat(stage.mark()).isBeforeOrEqualTo(mark);
    }

    @Test
    void pagesOfTheSourceThatShiftWhileTheyAreReadMakeNoDifference() throws Exception {
        pushed(1, 450);
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).contains("/shop?page=") && pages.incrementAndGet() == 2) {
                now.source.remove(key(1)); // the first record of page 2 moves to page 1, which was read
                now.send(key(1), Operation.DELETE, "");
            }
            return false;
        };
        reconcile(true, VERSION);

        ReconcileReport found = stage.run();

        assertThat(found.state()).isEqualTo("done");
        assertThat(source(found).differences()).isEmpty();
    }

    @Test
    void aRepairOfTheSourceHasALimitAndCanBeRehearsedAndBeOfSomeKeys() throws Exception {
        pushed(1, 30);
        losePushes();
        reconcile(true, VERSION);
        long before = stage.ledger.flow("orders").orElseThrow().accepted();

        ReconcileReport beyond = stage.run(new RunRequest(false, 0, true, false, List.of(), 1_000, 9));
        ReconcileReport rehearsed = stage.run(new RunRequest(false, 0, true, true, List.of(), 1_000, 10));

        assertThat(source(beyond).reason()).contains("more than the limit of 9");
        assertThat(source(beyond).notRepaired()).isEqualTo(10);
        assertFound(rehearsed);
        assertThat(stage.ledger.flow("orders").orElseThrow().accepted()).isEqualTo(before);

        ReconcileReport some = stage.run(new RunRequest(false, 0, true, false, List.of("new3", key(12)), 1_000, 10));

        assertThat(source(some).repaired()).isEqualTo(2);
        assertThat(stage.ledger.flow("orders").orElseThrow().accepted()).isEqualTo(before + 2);
        assertThat(sourceKeys(stage.run(), "missing")).containsExactly("new1", "new2", "new4", "new5");
    }

    @Test
    void aRunGoesOnAtTheSourceWhenTheNodeWasKilledThere() throws Exception {
        pushed(1, 450);
        losePushes();
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).endsWith("/shop?page=3") && killed.getCount() > 0) {
                reached.countDown();
                killed.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
                exchange.close();
                return true;
            }
            return false;
        };
        reconcile(true, VERSION);
        await().atMost(Patience.MAX).until(() -> stage.reconciler.start("orders", RunRequest.LOOK));
        assertThat(reached.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(stage.report().phase()).isEqualTo("source");
        assertThat(source(stage.report()).phase()).isEqualTo("listing");

        stage.reconciler.stop();
        killed.countDown();
        stage.asked.clear();
        stage.restart();
        await().atMost(Patience.MAX).until(() -> stage.report().state().equals("done"));

        assertFound(stage.report());
        assertThat(stage.asked).noneMatch(one -> one.startsWith("/orders") || one.endsWith("page=1"));
    }

    @Test
    void aRepairThatIsKilledBeforeItNotedWhatWasAcceptedCountsItAsRepairedAndAcceptsItOnce() throws Exception {
        pushed(1, 30);
        losePushes();
        stage.source.put("new6", json("{\"id\":\"new6\",\"v\":1,\"gone\":true,\"amount\":6}"));
        stage.push("new6", 6, 0);
        stage.awaitDelivered();
        long before = stage.ledger.flow("orders").orElseThrow().accepted();
        reconcile(true, VERSION + "  deleted: .gone\n");
        String book = "jdbc:sqlite:" + folder.resolve("reconcile/orders.source.db");
        try (Connection other = DriverManager.getConnection(book);
                Statement lock = other.createStatement()) {
            AtomicBoolean isLocked = new AtomicBoolean();
            stage.listener = (now, exchange) -> {
                boolean isRepairing = String.valueOf(exchange.getRequestURI()).startsWith("/shop/")
                        && "repairing".equals(source(now.report()).phase());
                if (isRepairing && !isLocked.getAndSet(true)) {
                    try {
                        lock.execute("BEGIN IMMEDIATE"); // so that nothing can be noted
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return false;
            };
            RunRequest repair = new RunRequest(false, 0, true, false, List.of(), 1_000, 1_000);
            await().atMost(Patience.MAX).until(() -> stage.reconciler.start("orders", repair));
            await().atMost(Patience.MAX)
                    .until(() -> stage.ledger.flow("orders").orElseThrow().accepted() > before);

            stage.reconciler.stop(); // as a kill
            lock.execute("ROLLBACK");
        }
        stage.restart();
        ReconcileReport repaired = stage.end();

        assertThat(repaired.state()).as(repaired.reason()).isEqualTo("done");
        assertThat(source(repaired).repaired()).isEqualTo(11);
        assertThat(source(repaired).notRepaired()).isZero();
        assertThat(stage.ledger.flow("orders").orElseThrow().accepted())
                .as("each once")
                .isEqualTo(before + 11);
        stage.awaitDelivered();
        assertThat(stage.has.get("new3")).isEqualTo(stage.source.get("new3"));
        assertThat(stage.has).doesNotContainKey("new6");
        assertThat(stage.run().source().missing()).isZero();
    }

    @Test
    void ofAGroupOnlyWhatTheLedgerRefusesIsNotRepaired() throws Exception {
        pushed(1, 30);
        losePushes();
        String tooLong = "k".repeat(10_000);
        stage.source.put(tooLong, json(record(tooLong, 1, 1)));
        stage.reconcile("state: '{id, amount}'\n" + stage.byPage() + stage.byKey() + stage.source(false, VERSION));

        ReconcileReport repaired = stage.repair();

        assertThat(source(repaired).repaired()).isEqualTo(10);
        assertThat(source(repaired).notRepaired()).isEqualTo(1);
        assertThat(source(repaired).differences())
                .filteredOn(one -> one.key().equals(tooLong))
                .singleElement()
                .satisfies(one -> assertThat(one.repair()).startsWith("not repaired: "));
    }

    @Test
    void aHotWindowThatDoesNotLookAtTheSourceDoesNotMoveTheMarkForward() throws Exception {
        pushed(1, 30);
        stage.reconcile("hot: 1h\nstate: '{id, amount}'\n" + stage.byPage() + stage.byKey() + stage.source(true, ""));
        stage.run();
        Instant mark = stage.mark();
        pushed(31, 40);

        ReconcileReport hot = stage.run(RunRequest.LOOK_AT_RECENT);

        assertThat(hot.kind()).isEqualTo("hot");
        assertThat(hot.equal()).isEqualTo(10);
        assertThat(stage.mark()).isEqualTo(mark);
        assertThat(stage.run().source()).isNotNull();
        assertThat(stage.mark()).isAfter(mark);
    }
}
