package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.json;
import static dev.serai.reconcile.ReconcileStage.key;
import static dev.serai.reconcile.ReconcileStage.keys;
import static dev.serai.reconcile.ReconcileStage.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.Operation;
import dev.serai.support.CapturedLog;
import dev.serai.support.Patience;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs against a target over HTTP. */
class ReconcileTest {
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

    @Test
    void exactlyWhatDiffersIsFoundWhileChangesFlowAndIsRepaired() throws Exception {
        stage.sendEach(1, 1_000);
        stage.sendEach(1, 10); // the same again, so that there is an older state
        for (int i = 1; i <= 10; i++) {
            stage.send(key(i), "{\"id\":\"" + key(i) + "\",\"amount\":" + (i + 5_000) + "}");
        }
        stage.awaitDelivered();
        Map<String, JsonNode> right = new TreeMap<>(stage.has);
        List<String> stale = keysOf(1, 10);
        List<String> missing = keysOf(101, 110);
        List<String> differs = keysOf(201, 210);
        List<String> extra = List.of("x1", "x2", "x3");
        for (int i = 1; i <= 10; i++) {
            stage.has.put(key(i), json(state(i)));
            stage.has.remove(key(i + 100));
            stage.has.put(key(i + 200), json("{\"id\":\"" + key(i + 200) + "\",\"amount\":0}"));
        }
        extra.forEach(key -> stage.has.put(key, json("{\"id\":\"" + key + "\"}")));
        stage.reconcile(stage.byPage() + stage.byKey());

        AtomicBoolean over = new AtomicBoolean();
        Thread traffic = new Thread(() -> {
            Random random = new Random(7);
            while (!over.get()) {
                int number = 501 + random.nextInt(600); // some of them are new keys
                stage.send(key(number), "{\"id\":\"" + key(number) + "\",\"amount\":" + random.nextInt() + "}");
                LockSupport.parkNanos(BETWEEN_NANOS);
            }
        });
        traffic.start();
        ReconcileReport found = stage.run();
        ReconcileReport repaired = stage.repair();
        over.set(true);
        traffic.join();

        for (ReconcileReport report : List.of(found, repaired)) {
            assertThat(report.state()).as(report.reason()).isEqualTo("done");
            assertThat(keys(report, "missing")).containsExactlyElementsOf(missing);
            assertThat(keys(report, "stale")).containsExactlyElementsOf(stale);
            assertThat(keys(report, "differs")).containsExactlyElementsOf(differs);
            assertThat(keys(report, "extra")).containsExactlyElementsOf(extra);
        }
        assertThat(found.differences())
                .filteredOn(one -> one.kind().equals("differs"))
                .allSatisfy(one -> assertThat(one.fields()).containsExactly("amount"));
        assertThat(repaired.repaired()).isEqualTo(30);
        assertThat(repaired.notRepaired()).isZero();

        stage.awaitDelivered();
        for (String key : keysOf(1, 500)) {
            assertThat(stage.has.get(key)).as(key).isEqualTo(right.get(key));
        }
        Instant before = Instant.now();
        ReconcileReport last = stage.run();
        assertThat(last.differences()).extracting(one -> one.kind()).containsOnly("extra");
        assertThat(last.equal()).isEqualTo(stage.has.size() - extra.size());
        assertThat(stage.mark()).isAfterOrEqualTo(before.minusSeconds(1));
        assertThat(last.verifiedThrough()).containsOnlyKeys("orders/shop");
    }

    private static List<String> keysOf(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(ReconcileStage::key).toList();
    }

    @Test
    void aListingAloneFindsTheSame() throws Exception {
        stage.sendEach(1, 250);
        stage.has.remove(key(7));
        stage.has.put(key(8), json("{\"id\":\"" + key(8) + "\"}"));
        stage.has.put("x", json("{\"id\":\"x\"}"));
        stage.reconcile(stage.byPage());

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(keys(found, "missing")).containsExactly(key(7));
        assertThat(keys(found, "differs")).containsExactly(key(8));
        assertThat(keys(found, "extra")).containsExactly("x");
        assertThat(found.keys()).isEqualTo(251);
    }

    @Test
    void readingByKeyAloneFindsAllButWhatIsExtra() throws Exception {
        stage.sendEach(1, 30);
        stage.has.remove(key(7));
        stage.has.put("x", json("{}"));
        stage.reconcile(stage.byKey());

        ReconcileReport found = stage.run();

        assertThat(found.differences()).extracting(one -> one.key()).containsExactly(key(7));
        assertThat(found.equal()).isEqualTo(29);
    }

    @Test
    void theHotWindowComparesOnlyWhatChangedAndMovesTheMark() throws Exception {
        stage.sendEach(1, 250);
        stage.reconcile("hot: 1h\n" + stage.byPage() + stage.byKey());
        assertThat(stage.run(RunRequest.LOOK_AT_RECENT).kind())
                .as("before all keys were compared once")
                .isEqualTo("all");
        Instant mark = stage.mark();
        stage.sendEach(300, 302);
        stage.has.remove(key(7)); // not changed, so that only a whole run finds it
        stage.has.remove(key(301));
        stage.asked.clear();

        ReconcileReport found = stage.run(RunRequest.LOOK_AT_RECENT);
        assertThat(found.kind()).isEqualTo("hot");
        assertThat(keys(found, "missing")).containsExactly(key(301));
        assertThat(found.keys()).isEqualTo(3);
        assertThat(stage.asked).as("each, and the missing one once more").hasSize(4);
        assertThat(stage.mark()).isAfterOrEqualTo(mark);
        Instant held = stage.mark();

        stage.has.put(key(301), json(state(301)));
        ReconcileReport mended = stage.run(RunRequest.LOOK_AT_RECENT);
        assertThat(mended.keys()).isEqualTo(1);
        assertThat(mended.equal()).isEqualTo(1);
        assertThat(stage.mark()).isAfter(held);
        assertThat(stage.run(RunRequest.LOOK_AT_RECENT).keys()).isZero();
        assertThat(keys(stage.run(), "missing")).containsExactly(key(7));
    }

    @Test
    void theMarkFollowsWhileAllKeysAreCompared() throws Exception {
        stage.sendEach(1, 5 * ReconcileStage.PAGE);
        stage.reconcile("hot: 100ms\n" + stage.byPage() + stage.byKey());
        stage.run();
        Map<String, Instant> accepted = new ConcurrentHashMap<>();
        Map<String, Instant> marks = new ConcurrentHashMap<>();
        stage.listener = (stage, exchange) -> {
            String page = String.valueOf(exchange.getRequestURI().getQuery());
            if (page.equals("page=3")) { // between the pages 3 and 4 this is found equal
                accepted.put("taken", change(key(1)));
            } else if (page.equals("page=4")) {
                marks.put("taken", stage.mark());
                accepted.put("lost", change(key(2))); // which was compared already
                stage.has.remove(key(2));
            } else if (page.equals("page=5")) {
                marks.put("lost", stage.mark());
            }
            return false;
        };

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(marks.get("taken")).isAfterOrEqualTo(accepted.get("taken"));
        assertThat(marks.get("lost")).isBefore(accepted.get("lost"));
        assertThat(stage.mark()).isAfterOrEqualTo(marks.get("lost")).isBefore(accepted.get("lost"));
        await().atMost(Patience.MAX)
                .untilAsserted(() -> assertThat(keys(stage.report(), "missing")).containsExactly(key(2)));
        assertThat(stage.mark()).isBefore(accepted.get("lost"));
    }

    /** The target takes a new state of the key, and the hot window is due. */
    private Instant change(String key) throws InterruptedException {
        long sequence = stage.send(key, "{\"id\":\"" + key + "\",\"amount\":9}").sequence();
        stage.awaitDelivered();
        TimeUnit.MILLISECONDS.sleep(200);
        return stage.ledger.change("orders", sequence).orElseThrow().acceptedAt();
    }

    @Test
    void aFirstRunBeforeTheTargetTookAnythingBeginsTheMarkWhichTheHotWindowMoves() throws Exception {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        stage.script = change ->
                answer.orTimeout(Patience.MAX.toSeconds(), TimeUnit.SECONDS).join();
        long first = stage.send(key(1), state(1)).sequence();
        stage.reconcile("hot: 1h\n" + stage.byPage() + stage.byKey());

        assertThat(stage.run().state()).isEqualTo("done");
        Instant begun = stage.mark();
        Instant accepted = stage.ledger.change("orders", first).orElseThrow().acceptedAt();
        assertThat(begun).isBetween(accepted.minusMillis(2), accepted.minusMillis(1));

        answer.complete(null);
        stage.awaitDelivered();
        ReconcileReport recent = stage.run(RunRequest.LOOK_AT_RECENT);
        assertThat(recent.kind()).isEqualTo("hot");
        assertThat(recent.equal()).isEqualTo(1);
        assertThat(stage.mark()).isAfter(begun);
    }

    @Test
    void howNumbersAndFieldsAreWrittenDoesNotMatter() throws Exception {
        stage.send("a", "{\"id\":\"a\",\"amount\":1,\"rate\":1.50,\"at\":5}");
        stage.awaitDelivered();
        stage.has.put("a", json("{\"rate\":15e-1,\"amount\":1.0,\"seenAt\":\"now\",\"id\":\"a\",\"at\":6}"));
        stage.reconcile("ignore: [at, seenAt]\n" + stage.byPage());

        assertThat(stage.run().equal()).isEqualTo(1);
    }

    @Test
    void whatWasDeletedIsEqualWhenItIsHiddenOrMarkedAndStaleWhenItIsThere() throws Exception {
        for (String key : List.of("hidden", "marked", "there")) {
            stage.send(key, "{\"id\":\"" + key + "\"}");
            stage.send(key, Operation.DELETE, "");
        }
        stage.awaitDelivered();
        stage.has.put("marked", json("{\"id\":\"marked\",\"deleted\":true}"));
        stage.has.put("there", json("{\"id\":\"there\"}"));
        stage.reconcile("deleted: .deleted\n" + stage.byPage() + stage.byKey());

        ReconcileReport found = stage.run();
        assertThat(keys(found, "stale")).containsExactly("there");
        assertThat(found.differences()).hasSize(1);

        assertThat(stage.repair().repaired()).isEqualTo(1);
        assertThat(stage.has).containsOnlyKeys("marked");
    }

    @Test
    void pagesThatShiftWhileTheyAreReadMakeNoDifference() throws Exception {
        stage.sendEach(1, 450);
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            String path = String.valueOf(exchange.getRequestURI());
            if (path.contains("page=") && pages.incrementAndGet() == 2) {
                now.has.remove(key(1)); // the first record of page 2 moves to page 1, which was read
                now.has.put("a", json("{\"id\":\"a\"}"));
                now.has.remove("a");
            }
            return false;
        };
        stage.reconcile(stage.byPage() + stage.byKey());

        ReconcileReport found = stage.run();

        assertThat(found.differences()).extracting(one -> one.key()).isSubsetOf(key(1));
    }

    @Test
    void aRecordThatMovesBetweenThePagesOfAListingAloneIsNotMissing() throws Exception {
        stage.sendEach(1, 250);
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).contains("page=") && pages.incrementAndGet() == 2) {
                now.send(key(1), Operation.DELETE, ""); // so the first record of page 2 is on page 1, which was read
                now.send("k", "{\"id\":\"k\"}");
                now.awaitDelivered();
                now.send("k", Operation.DELETE, "");
                now.awaitDelivered();
            }
            return false;
        };
        stage.reconcile(stage.byPage());

        ReconcileReport found = stage.run();

        assertThat(found.state()).isEqualTo("done");
        assertThat(found.differences()).isEmpty();
    }

    @Test
    void aListingThatGrowsWhileEachOfItsPagesIsReadComesToAnEnd() throws Exception {
        stage.sendEach(1, 250);
        AtomicInteger pages = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).contains("page=")) {
                now.send("new" + pages.incrementAndGet(), "{\"id\":\"new" + pages.get() + "\"}");
                now.awaitDelivered();
            }
            return false;
        };
        stage.reconcile(stage.byNumber());

        ReconcileReport found = stage.run();

        assertThat(found.reason()).isNull();
        assertThat(found.state()).isEqualTo("done");
        assertThat(found.differences()).isEmpty();
    }

    @Test
    void aReplicaThatShowsOlderStatesForAWhileMakesNoDifference() throws Exception {
        stage.sendEach(1, 150);
        stage.send(key(7), "{\"id\":\"k00007\",\"amount\":70}");
        stage.send(key(8), Operation.DELETE, "");
        stage.awaitDelivered();
        JsonNode current = stage.has.put(key(7), json(ReconcileStage.state(7)));
        stage.has.put(key(8), json(ReconcileStage.state(8)));
        stage.has.remove(key(9));
        stage.listener = (now, exchange) -> {
            if (!String.valueOf(exchange.getRequestURI()).contains("page=")) { // the second look, by key
                now.has.put(key(7), current);
                now.has.remove(key(8));
                now.has.put(key(9), json(ReconcileStage.state(9)));
            }
            return false;
        };
        stage.reconcile(stage.byPage() + stage.byKey());

        ReconcileReport found = stage.run();

        assertThat(found.differences()).isEmpty();
        assertThat(found.state()).isEqualTo("done");
    }

    @Test
    void aTargetThatIsDownForAWhileInTheMiddleIsReadOn() throws Exception {
        stage.sendEach(1, 250);
        stage.has.remove(key(7));
        AtomicInteger asked = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            int number = asked.incrementAndGet();
            if (number == 2) {
                exchange.close(); // the connection ends without an answer
            } else if (number == 4) {
                ReconcileStage.answer(exchange, 503, "");
            }
            return number == 2 || number == 4;
        };
        stage.reconcile(stage.byPage() + stage.byKey());

        ReconcileReport found = stage.run();

        assertThat(found.state()).as(found.reason()).isEqualTo("done");
        assertThat(keys(found, "missing")).containsExactly(key(7));
        assertThat(found.equal()).isEqualTo(249);
    }

    @Test
    void aTargetThatAsksForAPauseIsReadOn() throws Exception {
        stage.sendEach(1, 250);
        AtomicInteger refused = new AtomicInteger();
        stage.listener = (now, exchange) -> {
            if (refused.incrementAndGet() != 2) {
                return false;
            }
            exchange.getResponseHeaders().set("Retry-After", "1");
            ReconcileStage.answer(exchange, 429, "{}");
            return true;
        };
        stage.reconcile(stage.byPage());

        assertThat(stage.run().equal()).isEqualTo(250);
    }

    @Test
    void aListingThatFailsInTheMiddleFailsTheRunAndLeavesTheMark() throws Exception {
        stage.sendEach(1, 250);
        stage.reconcile(stage.byPage());
        stage.run();
        Instant mark = stage.mark();
        stage.listener = (now, exchange) -> {
            boolean isLast = String.valueOf(exchange.getRequestURI()).endsWith("page=3");
            if (isLast) {
                ReconcileStage.answer(exchange, 200, "<html>");
            }
            return isLast;
        };

        ReconcileReport failed = stage.run();

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.reason()).contains("not JSON");
        assertThat(failed.differences()).isEmpty();
        assertThat(stage.mark()).isEqualTo(mark);
    }

    @Test
    void aRunThatFailsAndKeysThatDifferAreTroubleUntilARunFindsAllEqual() throws Exception {
        stage.sendEach(1, 20);
        AtomicBoolean isBroken = new AtomicBoolean(true);
        stage.listener = (target, exchange) -> {
            if (isBroken.get()) {
                ReconcileStage.answer(exchange, 401, "{}");
            }
            return isBroken.get();
        };
        stage.reconcile(stage.byPage() + stage.byKey());

        stage.run();
        ReconcileState failing = stage.trouble();
        stage.restart();

        assertThat(failing.word()).isEqualTo(ReconcileState.FAILING);
        assertThat(failing.reason()).startsWith("the last run failed: ");
        assertThat(stage.trouble().reason()).isEqualTo(failing.reason());

        isBroken.set(false);
        stage.has.remove(key(3));
        stage.run();
        ReconcileState differs = stage.trouble();
        stage.run(new RunRequest(false, 0, false, false, List.of(key(7)), 1_000, 20));

        assertThat(differs.word()).isEqualTo(ReconcileState.DIFFERS);
        assertThat(differs.reason()).isEqualTo("1 key is missing, stale or different");
        assertThat(stage.trouble()).isEqualTo(differs);

        stage.repair();

        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.OK);
    }

    @Test
    void aSampleComparesRandomKeysAndWhatDiffersHoldsTheMarkBack() throws Exception {
        stage.sendEach(1, 200);
        stage.reconcile(stage.byPage() + stage.byKey());
        stage.run();
        Instant verified = stage.mark();
        stage.asked.clear();

        ReconcileReport equal = stage.run(RunRequest.lookAt(20));

        assertThat(stage.asked).hasSize(20).doesNotHaveDuplicates();
        assertThat(equal.sample()).isEqualTo(20);
        assertThat(equal.equal()).isEqualTo(20);
        assertThat(equal.bound()).isCloseTo(1 - Math.pow(0.05, 1 / 20.0), within(1e-9));
        assertThat(stage.mark()).isEqualTo(verified);

        stage.has.remove(key(150));
        ReconcileReport differing = stage.run(RunRequest.lookAt(1_000));

        assertThat(keys(differing, "missing")).containsExactly(key(150));
        assertThat(differing.equal()).isEqualTo(199);
        assertThat(differing.bound()).isCloseTo(SampleBound.of(1, 200), within(1e-9));
        assertThat(stage.mark()).isBefore(verified);
        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.DIFFERS);

        stage.has.put(key(150), json(state(150)));
        stage.run(RunRequest.lookAt(1_000));

        assertThat(stage.mark()).isBefore(verified);

        stage.run();

        assertThat(stage.mark()).isAfter(verified);
        assertThat(stage.trouble().word()).isEqualTo(ReconcileState.OK);
    }

    @Test
    void aSampleRunsByItselfAndNeedsAWayToReadKeys() throws Exception {
        stage.sendEach(1, 30);
        stage.reconcile(stage.byKey() + "sample: 10\n");

        await().atMost(Patience.MAX).until(() -> stage.report().state().equals("done"));
        assertThat(stage.report().sample()).isEqualTo(10);

        stage.reconciler.stop();
        stage.reconcile(stage.byPage());

        assertThatThrownBy(() -> stage.reconciler.start("orders", RunRequest.lookAt(10)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a sample needs read or sql in orders.reconcile.yaml, which give records by their keys");
    }

    @Test
    void aFileThatBecomesWrongIsRefusedAndTheOldOneStays() throws Exception {
        stage.sendEach(1, 5);
        stage.reconcile(stage.byKey());
        Path file = folder.resolve("orders.reconcile.yaml");
        String right = Files.readString(file);

        Files.writeString(file, right + "evry: 1h\n");

        await().atMost(Patience.MAX).until(() -> !stage.refused().isEmpty());
        assertThat(stage.refused().get(0).line()).isEqualTo(5);
        assertThat(stage.refused().get(0).reason()).contains("evry");
        assertThat(stage.run().equal()).isEqualTo(5);

        Files.writeString(file, right);

        await().atMost(Patience.MAX).until(() -> stage.refused().isEmpty());
    }

    @Test
    void howFarARunWasBeginsAnewAndSaysSoIfItCannotBeRead() {
        try (CapturedLog log = new CapturedLog(RunProgress.class)) {
            assertThat(RunProgress.of("{", new BitSet())).isNull();

            assertThat(log.lines()).anyMatch(line -> line.contains("begins anew"));
        }
    }

    @Test
    void howLongARunHasWaitedForOtherWorkIsKeptOverAKill() {
        RunProgress run = new RunProgress(RunRequest.LOOK, Instant.now());
        run.waits(Duration.ofMillis(1_240));

        RunProgress goesOn = Objects.requireNonNull(RunProgress.of(run.save(), run.seen));
        goesOn.waits(Duration.ofSeconds(2));

        assertThat(goesOn.waitedSeconds()).isEqualTo(3.2);
    }

    @Test
    void aRunGoesOnWhereItWasWhenTheNodeWasKilled() throws Exception {
        stage.sendEach(1, 450);
        stage.has.remove(key(7));
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        stage.listener = (now, exchange) -> {
            if (String.valueOf(exchange.getRequestURI()).endsWith("page=3") && killed.getCount() > 0) {
                reached.countDown();
                killed.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
                exchange.close();
                return true;
            }
            return false;
        };
        stage.reconcile(stage.byPage() + stage.byKey());
        await().atMost(Patience.MAX).until(() -> stage.reconciler.start("orders", RunRequest.LOOK));
        assertThat(reached.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();

        stage.reconciler.stop();
        killed.countDown();
        stage.asked.clear();
        stage.restart();
        await().atMost(Patience.MAX).until(() -> stage.report().state().equals("done"));

        assertThat(keys(stage.report(), "missing")).containsExactly(key(7));
        assertThat(stage.report().keys()).isEqualTo(450);
        assertThat(stage.asked).noneMatch(one -> one.endsWith("page=1"));
    }

    @Test
    void aRunThatIsStoppedInItsFirstMomentIsNotForgotten() throws Exception {
        stage.sendEach(1, 3);
        stage.reconcile(stage.byKey());
        await().atMost(Patience.MAX).until(() -> stage.reconciler.start("orders", RunRequest.LOOK));

        stage.restart();

        await().atMost(Patience.MAX).until(() -> stage.report().state().equals("done"));
        assertThat(stage.report().equal()).isEqualTo(3);
    }

    @Test
    void aKeyOfWhichSomethingNewIsOnItsWayDoesNotMoveTheMarkBack() throws Exception {
        stage.sendEach(1, 150);
        stage.reconcile(stage.byPage() + stage.byKey());
        stage.run();
        Instant mark = stage.mark();
        stage.script = change -> new String(change.body(), StandardCharsets.UTF_8).contains("77777")
                ? new Outcome.Failed(503, "not now", null, false, null)
                : null;
        AtomicBoolean isSent = new AtomicBoolean();
        stage.listener = (now, exchange) -> { // the run has begun, so that these changes do not bound it
            if (!isSent.getAndSet(true)) {
                now.has.remove(key(7)); // as if it had moved to a page that was read
                now.send(key(7), "{\"id\":\"" + key(7) + "\",\"amount\":77777}");
            }
            return false;
        };

        ReconcileReport found = stage.run();

        assertThat(found.pending()).as(found.summary()).isEqualTo(1);
        assertThat(stage.asked).as("reading it would tell nothing").noneMatch(one -> one.endsWith(key(7)));
        assertThat(stage.mark()).isAfter(mark);
    }

    @Test
    void aDeadLetterHoldsTheMarkBackAndIsNoDifference() throws Exception {
        stage.sendEach(1, 3);
        stage.script = change -> change.key().equals("bad") ? new Outcome.Refused(400, "no") : null;
        Instant before = Instant.now();
        stage.send("bad", "{\"id\":\"bad\"}");
        stage.awaitDelivered();
        stage.reconcile(stage.byPage());

        ReconcileReport found = stage.run();

        assertThat(found.differences()).isEmpty();
        assertThat(stage.mark()).isBetween(before.minusMillis(2), Instant.now());
        await().atMost(Patience.MAX).until(() -> Instant.now().isAfter(before.plusMillis(5)));
        Instant mark = stage.mark();
        stage.run();
        assertThat(stage.mark()).isEqualTo(mark);
    }

    @Test
    void aRepairBeyondItsLimitOrOnlyRehearsedChangesNothing() throws Exception {
        stage.sendEach(1, 20);
        int before = stage.taken.size();
        stage.has.clear();
        stage.reconcile(stage.byPage() + stage.byKey());

        ReconcileReport beyond = stage.run(new RunRequest(false, 0, true, false, List.of(), 1_000, 19));
        ReconcileReport rehearsed = stage.run(new RunRequest(false, 0, true, true, List.of(), 1_000, 20));

        assertThat(beyond.notRepaired()).isEqualTo(20);
        assertThat(beyond.reason()).contains("more than the limit of 19");
        assertThat(rehearsed.missing()).isEqualTo(20);
        assertThat(stage.taken).hasSize(before);

        ReconcileReport some = stage.run(new RunRequest(false, 0, true, false, List.of(key(3), key(5)), 1_000, 20));
        assertThat(some.repaired()).isEqualTo(2);
        assertThat(stage.has).containsOnlyKeys(key(3), key(5));
    }
}
