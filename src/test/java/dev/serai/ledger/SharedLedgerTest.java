package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.serai.forecast.ChainCounts;
import dev.serai.ledger.DeliverySearch.FoundDelivery;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.cluster.NodeNews;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.support.Patience;
import dev.serai.task.LedgerScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ledgers that share their shards behave like one, whichever of them is asked. */
class SharedLedgerTest {
    private static final int SHARDS = 4;
    private static final TargetName SHOP = new TargetName("orders", "shop");

    private final MemoryCluster cluster = new MemoryCluster(SHARDS);
    private final LedgerScheduler scheduler = new LedgerScheduler(2, Thread::new);
    private final List<Ledger> open = new ArrayList<>();
    /** Node by id. */
    private final Map<String, String> delivered = new ConcurrentHashMap<>();

    private volatile boolean refusesEven;
    private volatile boolean isDown;
    private volatile boolean isDownForA;

    @AfterEach
    void close() {
        open.forEach(Ledger::close);
        scheduler.shutdownNow();
    }

    private Ledger node(String name) {
        Ledger ledger = new Ledger(
                cluster.join(name),
                cluster.peers(name),
                new LedgerSettings(
                        Limits.DEFAULT,
                        Retention.DEFAULT,
                        new LedgerClock(TimeSource.system()),
                        new Random(1),
                        scheduler,
                        Runnable::run,
                        (target, state, sinceAccepted) -> {}));
        open.add(ledger);
        return ledger;
    }

    /** Two nodes with half of the shards each. */
    private List<Ledger> two() {
        Ledger one = node("a");
        Ledger other = node("b");
        await().until(() -> owners().equals(Map.of("a", 2L, "b", 2L)));
        await().until(() -> own(one) == 2 && own(other) == 2);
        await().untilAsserted(() -> assertThat(List.of(one, other)).allSatisfy(SharedLedgerTest::knowsAllOwners));
        return List.of(one, other);
    }

    private Map<String, Long> owners() {
        List<String> owners = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            owners.add(String.valueOf(cluster.owner(shard)));
        }
        return owners.stream().collect(Collectors.groupingBy(name -> name, Collectors.counting()));
    }

    private static void knowsAllOwners(Ledger ledger) {
        ledger.shards().all().stream().filter(shard -> !shard.isOwn()).forEach(shard -> assertThatCode(shard::owner)
                .doesNotThrowAnyException());
    }

    private static int own(Ledger ledger) {
        return ledger.shards().own().size();
    }

    private Subscription deliver(Ledger ledger, String name) {
        return deliver(ledger, name, new TargetCircuit(TimeSource.system()));
    }

    private Subscription deliver(Ledger ledger, String name, TargetCircuit circuit) {
        RedeliveryPolicy never = RedeliveryPolicy.DEFAULT;
        Subscription subscription = ledger.subscribe(
                SHOP,
                TargetOptions.of(4, never, true, false),
                (changes, done) -> {
                    String id = changes.get(0).entry().change().id();
                    if (refusesEven && id.charAt(id.length() - 1) % 2 == 0) {
                        done.accept(new Outcome.Refused(400, "no"));
                        return;
                    }
                    if (isDown || (isDownForA && name.equals("a"))) {
                        done.accept(new Outcome.Unreachable("connection refused"));
                        return;
                    }
                    changes.forEach(one -> delivered.put(one.entry().change().id(), name));
                    done.accept(new Outcome.Delivered(200));
                },
                circuit);
        subscription.start();
        return subscription;
    }

    private static Change change(String id) {
        return new Change("orders", id, "key of " + id, null, Operation.UPSERT, null, Map.of(), new byte[] {1});
    }

    private static List<Change> many(String prefix) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            changes.add(change(prefix + i));
        }
        return changes;
    }

    @Test
    void anyNodeAcceptsAnyChangeAndEachIsDeliveredByTheNodeThatHasIts() throws Exception {
        List<Ledger> nodes = two();
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b");
        for (Change change : many("single")) {
            nodes.get(0).accept(change).get();
        }
        List<Change> batch = many("batch");
        List<Receipt> receipts = nodes.get(1)
                .accept(batch, new Cursor("pull", "40", Instant.EPOCH))
                .get();

        assertThat(receipts.stream().map(Receipt::id))
                .containsExactlyElementsOf(batch.stream().map(Change::id).toList());
        await().until(() -> delivered.size() == 80);
        assertThat(Set.copyOf(delivered.values())).containsExactlyInAnyOrder("a", "b");
        for (Ledger node : nodes) {
            assertThat(node.cursor("pull").orElseThrow().value()).isEqualTo("40");
            assertThat(node.changes(new ChangeQuery("orders", null, null, 100))).hasSize(80);
            await().until(() ->
                    node.flow("orders").orElseThrow().targets().get(0).delivered() == 80);
        }
    }

    /** Each opening waits for the others to have begun. */
    @Test
    void shardsThatNobodyHasAreOpenedAtOnceAndDeliverAll() throws Exception {
        Ledger one = node("a");
        deliver(one, "a");
        for (Change change : many("before")) {
            one.accept(change).get();
        }
        await().until(() -> delivered.size() == 40);
        one.leave(); // it keeps its shards, since there is no other node
        one.close();
        open.clear();

        CountDownLatch begun = new CountDownLatch(SHARDS);
        cluster.whenTaken(shard -> {
            begun.countDown();
            awaitZero(begun);
        });
        Ledger other = node("b");
        deliver(other, "b");
        assertThat(own(other)).isEqualTo(SHARDS);
        for (Change change : many("after")) {
            other.accept(change).get();
        }
        await().until(() -> delivered.size() == 80);
    }

    private static void awaitZero(CountDownLatch latch) {
        try {
            assertThat(latch.await(120, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSenderWaitsForADeliveryOfAnotherNode() throws Exception {
        List<Ledger> nodes = two();
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b");
        for (Change change : many("waited")) {
            assertThat(nodes.get(0)
                            .acceptAndWait(change, "shop", Duration.ofMinutes(1))
                            .get()
                            .state())
                    .isEqualTo(DeliveryState.DELIVERED);
        }
        assertThat(Set.copyOf(delivered.values())).hasSize(2);
    }

    @Test
    void aPauseHoldsOnAllNodes() throws Exception {
        List<Ledger> nodes = two();
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b");
        nodes.get(0).pause(SHOP, "me", "a test").get();
        for (Change change : many("held")) {
            nodes.get(1).accept(change).get();
        }
        assertThat(nodes.get(1).flow("orders").orElseThrow().targets().get(0).isPaused())
                .isTrue();
        assertThat(delivered).isEmpty();
        nodes.get(1).resume(SHOP).get();
        await().until(() -> delivered.size() == 40);
    }

    @Test
    void anOperatorActsOnTheDeadLettersOfAllNodes() throws Exception {
        List<Ledger> nodes = two();
        refusesEven = true;
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b");
        nodes.get(0).accept(many("dead"), null).get();
        DeliveryActions actions = nodes.get(1).actions();
        await().until(() -> actions.count(DeliveryFilter.ALL, DeliveryState.DEAD) == 20);
        refusesEven = false;
        DeliveryFilter some =
                new DeliveryFilter(null, null, List.of("key of dead0", "key of dead2"), List.of(), null, null);
        assertThat(actions.discard(some).get()).isEqualTo(2);
        assertThat(actions.replay(DeliveryFilter.ALL).get()).isEqualTo(18);
        await().until(() -> delivered.size() == 38);
        assertThat(delivered).doesNotContainKeys("dead0", "dead2");
    }

    @Test
    void aReplayAtAPaceIsBegunStoppedAndResumedAtAnyNode() throws Exception {
        List<Ledger> nodes = two();
        refusesEven = true;
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b");
        nodes.get(0).accept(many("dead"), null).get();
        await().until(() -> nodes.get(0).actions().count(DeliveryFilter.ALL, DeliveryState.DEAD) == 20);
        refusesEven = false;
        for (Ledger node : nodes) {
            DeliveryActions actions = node.actions();
            DeliveryActions other = nodes.get(node == nodes.get(0) ? 1 : 0).actions();
            long id = actions.newReplay();
            AuditLog.OpenEntry entry = actions.log()
                    .begin(AuditEntry.of("me", "replay", "all", null, null, null, AuditEntry.runningAs(id)))
                    .join();
            BegunReplay begun = actions.replay(id, DeliveryFilter.ALL, 0.001, 20);
            begun.actionEnd().thenCompose(entry::end);
            await().untilAsserted(() ->
                    assertThat(other.replays()).first().extracting(Replay::id).isEqualTo(id));
            assertThat(other.replaysRun()).isTrue();
            assertThat(other.newestReplay()).isEqualTo(id);
            assertThat(other.stopReplay(id, "stopped by me"))
                    .get()
                    .extracting(Replay::state)
                    .isEqualTo(ReplayState.STOPPED);
            assertThat(begun.actionEnd().get().outcome()).contains("stopped by me");
            await().until(() -> actions.log().running().isEmpty());
            AuditQuery newest = new AuditQuery(null, null, null, null, Long.MAX_VALUE, 1);
            await().untilAsserted(() ->
                    assertThat(other.log().list(newest).get(0).outcome()).contains("stopped by me"));
            assertThatThrownBy(() -> other.resumeReplay(id + 100))
                    .isInstanceOf(LedgerException.Invalid.class)
                    .hasMessageContaining("is not stopped");
        }
        DeliveryActions actions = nodes.get(1).actions();
        long id = actions.newReplay();
        assertThat(actions.replay(id, DeliveryFilter.ALL, 1_000, 20).allMoved().get())
                .isPositive();
        await().until(() -> delivered.size() == 40);
        await().untilAsserted(() -> assertThat(nodes)
                .allSatisfy(node ->
                        assertThat(node.actions().replays().get(0).state()).isEqualTo(ReplayState.ENDED)));
    }

    @Test
    void theEndOfAReplayIsNotedAlthoughTheNodeThatBeganItHasGone() throws Exception {
        List<Ledger> nodes = two();
        Ledger runs = nodes.get(0).shards().first().isOwn() ? nodes.get(0) : nodes.get(1);
        Ledger asks = runs == nodes.get(0) ? nodes.get(1) : nodes.get(0);
        refusesEven = true;
        nodes.forEach(node -> deliver(node, "x"));
        runs.accept(many("dead"), null).get();
        await().until(() -> runs.actions().count(DeliveryFilter.ALL, DeliveryState.DEAD) == 20);
        long id = asks.actions().newReplay();
        asks.actions()
                .log()
                .begin(AuditEntry.of("me", "replay", "all", null, null, null, AuditEntry.runningAs(id)))
                .join();
        var unused = asks.actions().replay(id, DeliveryFilter.ALL, 0.001, 20); // nobody waits for its end
        runs.actions().stopReplay(id, "stopped by another");
        AuditQuery newest = new AuditQuery(null, null, null, null, Long.MAX_VALUE, 1);
        await().untilAsserted(() ->
                assertThat(runs.actions().log().list(newest).get(0).outcome()).contains("stopped by another"));
    }

    @Test
    void theHistoryHasWhatFailedAtAllNodes() throws Exception {
        List<Ledger> nodes = two();
        refusesEven = true;
        nodes.forEach(node -> deliver(node, "x"));
        Ledger first = nodes.get(0).isFirstOwn() ? nodes.get(0) : nodes.get(1);
        nodes.forEach(node -> node.talk().tell(() -> new NodeNews(Map.of(), "answered", Map.of())));
        await().until(() -> first.talk().news().values().stream()
                .allMatch(news -> news.sources().equals("answered")));
        first.accept(many("dead"), null).get();
        HistoryQuery today = new HistoryQuery(
                HistoryStep.MINUTE,
                "orders",
                "shop",
                Instant.now().minusSeconds(600),
                Instant.now().plusSeconds(600));
        await().untilAsserted(() -> assertThat(first.history().points(today).stream()
                        .mapToLong(point -> point.counts().dead())
                        .sum())
                .isEqualTo(20));
    }

    @Test
    void aNodeTriesATargetAtOnceThatIsBackForAnotherNode() throws Exception {
        List<Ledger> nodes = two();
        TargetCircuit waits = new TargetCircuit(new VirtualTime()); // no probe is ever due
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b", waits);
        isDownForA = true;
        nodes.get(0).accept(many("first"), null).get();
        await("b knows that it is down for a")
                .until(() -> nodes.get(1).flows().get(0).targets().get(0).circuit() != CircuitState.CLOSED);
        assertThat(waits.state()).isEqualTo(CircuitState.CLOSED);
        isDown = true;
        nodes.get(0).accept(many("second"), null).get();
        await().until(() -> waits.state() != CircuitState.CLOSED);

        isDownForA = false;
        isDown = false;

        await().until(() -> delivered.size() == 80);
        assertThat(delivered).containsValues("a", "b");
    }

    @Test
    void aTargetThatIsDownForOneNodeAloneHoldsUpNoOther() throws Exception {
        List<Ledger> nodes = two();
        TargetCircuit cutOff = new TargetCircuit(new VirtualTime());
        deliver(nodes.get(0), "a", cutOff);
        TargetCircuit fine = new TargetCircuit(TimeSource.system());
        deliver(nodes.get(1), "b", fine);
        isDownForA = true;
        nodes.get(0).accept(many("first"), null).get();
        await().until(() -> cutOff.state() != CircuitState.CLOSED);
        nodes.get(0).accept(many("second"), null).get();

        long ofB = Stream.of("first", "second")
                .flatMap(prefix -> many(prefix).stream())
                .filter(change ->
                        nodes.get(1).shards().of(change.flow(), change.key()).isOwn())
                .count();
        await().until(() -> delivered.size() == ofB);
        assertThat(delivered).doesNotContainValue("a");
        assertThat(fine.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void whatANodeCountsOfItsAttemptsIsKeptByTheNodeWithTheFirstShard() throws Exception {
        List<Ledger> nodes = two();
        deliver(nodes.get(0), "a");
        deliver(nodes.get(1), "b");
        nodes.get(0).accept(many("counted"), null).get();
        for (Ledger node : nodes) {
            await().until(() -> node.flows().get(0).targets().get(0).delivered() == 40);
        }
        boolean isFirst = nodes.get(0).isFirstOwn();
        Ledger first = nodes.get(isFirst ? 0 : 1);
        Ledger other = nodes.get(isFirst ? 1 : 0);
        long byOther = delivered.values().stream()
                .filter(name -> name.equals(isFirst ? "b" : "a"))
                .count();
        assertThat(byOther).isPositive();
        assertThat(countedAttempts(first)).isZero();

        open.remove(other);
        other.close();

        assertThat(countedAttempts(first)).isEqualTo(byOther);
    }

    private static long countedAttempts(Ledger ledger) {
        Instant now = Instant.now();
        return ledger
                .shards()
                .first()
                .store()
                .history()
                .transitions(ChainWindow.HOUR, "orders", "shop", now.minusSeconds(7_200), now.plusSeconds(60))
                .entrySet()
                .stream()
                .filter(cell -> cell.getKey() < ChainCounts.TIMED)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    @Test
    void aNodeWithOtherRouteFilesIsNamedWithTheFlows() {
        List<Ledger> nodes = two();
        nodes.get(0).talk().tell(() -> new NodeNews(Map.of("orders", "1", "refunds", "2"), "[]", Map.of()));
        nodes.get(1)
                .talk()
                .tell(() -> new NodeNews(Map.of("orders", "1", "refunds", "3", "extra", "4"), "[]", Map.of()));
        await().untilAsserted(
                        () -> assertThat(nodes.get(0).clusterTrouble()).hasValueSatisfying(line -> assertThat(line)
                                .contains("node b has other route files than this one for extra, refunds:")));
        await().untilAsserted(() -> assertThat(nodes.get(1).clusterTrouble())
                .hasValueSatisfying(line -> assertThat(line).contains("node a has other route files")));
        nodes.get(1).talk().tell(() -> new NodeNews(Map.of("orders", "1", "refunds", "2"), "[]", Map.of()));
        await().untilAsserted(() -> assertThat(nodes.get(0).clusterTrouble()).isEmpty());
        assertThat(nodes.get(0).talk().news().get("b").sources()).isEqualTo("[]");
    }

    @Test
    void whatIsUnderWayAtAnyNodeIsShownAsDeliveringAtAll() throws Exception {
        List<Ledger> nodes = two();
        List<Runnable> ends = new CopyOnWriteArrayList<>();
        nodes.forEach(node -> node.subscribe(
                        SHOP,
                        TargetOptions.of(40, RedeliveryPolicy.DEFAULT, true, false),
                        (changes, done) -> ends.add(() -> done.accept(new Outcome.Delivered(200))),
                        new TargetCircuit(TimeSource.system()))
                .start());
        nodes.get(0).accept(many("slow"), null).get();
        await().until(() -> ends.size() == 40);
        for (Ledger node : nodes) {
            await().untilAsserted(() -> assertThat(delivering(node)).hasSize(40));
            assertThat(node.changes(new ChangeQuery("orders", null, null, 100)))
                    .allSatisfy(entry ->
                            assertThat(node.deliveries(entry).get(0).state()).isEqualTo(DeliveryState.DELIVERING));
        }
        ends.forEach(Runnable::run);
        for (Ledger node : nodes) {
            await().untilAsserted(() -> assertThat(delivering(node)).isEmpty());
            await().untilAsserted(() -> assertThat(node.changes(new ChangeQuery("orders", null, null, 100)))
                    .allSatisfy(entry ->
                            assertThat(node.deliveries(entry).get(0).state()).isEqualTo(DeliveryState.DELIVERED)));
        }
    }

    private static List<FoundDelivery> delivering(Ledger node) {
        return node.search()
                .find(DeliveryFilter.ALL, Set.of(DeliveryState.DELIVERING), 0, 100)
                .found();
    }

    @Test
    void whyChangesWaitAtAnotherNodeIsKnown() {
        List<Ledger> nodes = two();
        nodes.get(1).talk().tell(() -> new NodeNews(Map.of(), "", Map.of("orders/shop", "nobody asks")));
        await().untilAsserted(
                        () -> assertThat(nodes.get(0).talk().waitReason(SHOP)).isEqualTo("nobody asks"));
        assertThat(nodes.get(1).talk().waitReason(SHOP)).isNull();
    }

    @Test
    void whatIsDoneAtAnyNodeIsInTheAuditOfAll() {
        List<Ledger> nodes = two();
        for (Ledger node : nodes) {
            AuditLog log = node.actions().log();
            log.begin(AuditEntry.of("me", "backup", "file", null, null, null, AuditEntry.RUNNING))
                    .join()
                    .end(ActionEnd.done(null))
                    .join();
            log.append(AuditEntry.of("me", "pause", "orders/shop", null, null, null, "done"))
                    .join();
        }
        AuditQuery all = new AuditQuery(null, null, null, null, Long.MAX_VALUE, 10);
        for (Ledger node : nodes) {
            assertThat(node.actions().log().list(all))
                    .extracting(AuditEntry::action, AuditEntry::outcome)
                    .containsExactly(
                            tuple("pause", "done"),
                            tuple("backup", "done"),
                            tuple("pause", "done"),
                            tuple("backup", "done"));
            assertThat(node.actions().log().running()).isEmpty();
        }
    }

    @Test
    void aNodeThatLeavesGivesItsShardsToTheOther() throws Exception {
        List<Ledger> nodes = two();
        deliver(nodes.get(1), "b");
        nodes.get(0).leave();
        await().until(() -> own(nodes.get(1)) == SHARDS);
        for (Change change : many("after")) {
            nodes.get(1).accept(change).get();
        }
        await().until(() -> delivered.size() == 40);
    }

    /** A target whose deliveries wait for a reader who never comes. */
    private static final class Unread implements Target {
        final Map<Long, Consumer<Outcome>> offered = new ConcurrentHashMap<>();
        final Set<Long> givenBack = ConcurrentHashMap.newKeySet();
        volatile Subscription subscription;

        @Override
        public void deliver(List<Sending> changes, Consumer<Outcome> done) {
            offered.put(changes.get(0).entry().sequence(), done);
        }

        @Override
        public void endWaits() {
            offered.forEach((sequence, done) -> {
                if (!subscription.mayDeliver(sequence) && givenBack.add(sequence)) {
                    done.accept(new Outcome.Interrupted());
                }
            });
        }
    }

    @Test
    void whatWaitsForAReaderIsGivenBackWhenItsShardGoesToAnotherNode() throws Exception {
        List<Ledger> nodes = two();
        Unread unread = new Unread();
        unread.subscription = nodes.get(0)
                .subscribe(
                        SHOP,
                        TargetOptions.of(40, RedeliveryPolicy.DEFAULT, true, false),
                        unread,
                        new TargetCircuit(TimeSource.system()));
        unread.subscription.start();
        deliver(nodes.get(1), "b");
        nodes.get(0).accept(many("read"), null).get();
        await().until(() -> unread.offered.size() + delivered.size() == 40);
        assertThat(unread.offered.keySet()).isNotEmpty().allMatch(unread.subscription::mayDeliver);

        nodes.get(0).leave();
        assertThat(unread.givenBack).isEqualTo(unread.offered.keySet());
        await().until(() -> delivered.size() == 40);
        assertThat(unread.offered.keySet()).noneMatch(unread.subscription::mayDeliver);
    }

    @Test
    void aNodeWhoseDatabaseIsAwayStopsAllTheSame() {
        List<Ledger> nodes = two();
        cluster.goAway();
        assertThatCode(nodes.get(0)::leave).doesNotThrowAnyException();
        assertThat(own(nodes.get(0))).isEqualTo(2);
    }

    @Test
    void aShardThatWasTakenOverClosesAndTheNodeGoesOnWithTheOthers() throws Exception {
        Ledger node = node("a");
        deliver(node, "a");
        cluster.takeOver(1, "somebody");
        await().until(() -> own(node) == SHARDS - 1);
        int accepted = 0;
        for (Change change : many("some")) {
            if (node.shards().of(change.flow(), change.key()).number() != 1) {
                node.accept(change).get();
                accepted++;
            } else {
                assertThatThrownBy(() -> node.accept(change).get())
                        .hasCauseInstanceOf(LedgerException.Overloaded.class)
                        .hasMessageContaining("send it again");
            }
        }
        int all = accepted;
        await().until(() -> delivered.size() == all);
        assertThat(node.writerEnd()).isNotDone();
    }

    @Test
    void aDeliveryThatHangsWhenItsShardIsTakenOverLeavesItsPlaceToOthers() throws Exception {
        Ledger node = node("a");
        List<Change> changes = many("some");
        int lost = node.shards().of("orders", changes.get(0).key()).number();
        CountDownLatch hangs = new CountDownLatch(1);
        node.subscribe(
                        SHOP,
                        TargetOptions.of(1, RedeliveryPolicy.DEFAULT, true, false),
                        (sendings, done) -> {
                            String id = sendings.get(0).entry().change().id();
                            if (id.equals(changes.get(0).id())) {
                                hangs.countDown();
                            } else {
                                delivered.put(id, "a");
                                done.accept(new Outcome.Delivered(200));
                            }
                        },
                        new TargetCircuit(TimeSource.system()))
                .start();
        node.accept(changes.get(0)).get();
        assertThat(hangs.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        List<Change> others = changes.stream()
                .filter(change -> node.shards().of("orders", change.key()).number() != lost)
                .toList();
        node.accept(others, null).get();
        cluster.takeOver(lost, "somebody");
        await().until(() -> delivered.size() == others.size());
    }

    @Test
    void aPassedOnChangeIsNotPassedOnAgain() {
        List<Ledger> nodes = two();
        Ledger one = nodes.get(0);
        Change foreign = many("far").stream()
                .filter(change -> !one.shards().of(change.flow(), change.key()).isOwn())
                .findFirst()
                .orElseThrow();
        int shard = one.shards().of(foreign.flow(), foreign.key()).number();
        OwnShards calls =
                new OwnShards(one.shards(), null, null, null, null, null, null, null, null); // it must not need them
        assertThatThrownBy(() -> calls.accept(shard, List.of(foreign), null).get())
                .hasCauseInstanceOf(LedgerException.Overloaded.class);
    }

    /** What it writes is due by that clock, also at another node whose wall clock is hours behind. */
    @Test
    void aNodeSavesTheClockOfAShardAsSoonAsItHasIt() {
        Ledger node = node("a");
        await().untilAsserted(() -> assertThat(node.shards().all())
                .allSatisfy(shard -> assertThat(shard.store().clock()).isPresent()));
    }

    @Test
    void aSourceOfRecordsRunsOnOneNode() {
        List<Ledger> nodes = two();
        for (int i = 0; i < 20; i++) {
            String name = "pull" + i;
            assertThat(nodes.stream().filter(node -> node.isOwnCursor(name))).hasSize(1);
        }
    }
}
