package dev.serai.ledger;

import static dev.serai.ledger.Stage.FLOW;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.admin.FlowMeters;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.cluster.UnreadShards;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** While one of several databases is away, what the others have can be read, and it is said what is missing. */
class AwayDatabaseTest {
    private static final int SHARDS = 4;
    private static final Set<String> ALWAYS = Set.of("close", "location", "database", "lapse", "space", "damage");
    /** More than the time between two attempts to reach a database that is away. */
    private static final Duration LATER = Duration.ofSeconds(3);

    private final Set<String> away = ConcurrentHashMap.newKeySet();
    private final Stage stage = stage("first", "first", "second", "second");
    private int sent;

    private Stage stage(String... databases) {
        List<MemoryStore> stores =
                IntStream.range(0, SHARDS).mapToObj(MemoryStore::ofShard).toList();
        List<Store> used = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            used.add(in(databases[shard], stores.get(shard)));
        }
        return Stage.over(stores, used);
    }

    private Store in(String database, Store inner) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("database")) {
                        return database;
                    }
                    if (away.contains(database) && !ALWAYS.contains(method.getName())) {
                        throw new StoreAwayException(database + " is away");
                    }
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String key(int shard, int number) {
        int found = -1;
        int candidate = 0;
        while (found < number) {
            found += Math.floorMod(Hash.of(FLOW, "k" + candidate), (long) SHARDS) == shard ? 1 : 0;
            candidate++;
        }
        return "k" + (candidate - 1);
    }

    private CompletableFuture<?> send(int shard) {
        return stage.send("i" + sent, key(shard, sent++));
    }

    private void sendToAll() {
        IntStream.range(0, SHARDS).forEach(this::send);
        stage.pass();
    }

    private long accepted() {
        return stage.ledger.flows().get(0).accepted();
    }

    @Test
    void theOthersAreReadAndItIsSaidWhatIsMissingSinceWhenAndWhy() {
        sendToAll();
        assertThat(stage.ledger.unread()).isEmpty();
        long mark = stage.ledger.mark();
        assertThat(accepted()).isEqualTo(4);
        assertThat(stage.ledger.leftOutSince(mark)).isEmpty();

        away.add("second");
        assertThat(accepted()).isEqualTo(2);
        assertThat(stage.ledger.changes(new ChangeQuery(FLOW, null, null, 10))).hasSize(2);
        assertThat(stage.ledger.names()).containsOnlyKeys(FLOW);
        UnreadShards unread = stage.ledger.unread().get(0);
        assertThat(unread.database()).isEqualTo("second");
        assertThat(unread.range()).isEqualTo("shards 2 to 3");
        assertThat(unread.since()).isEqualTo(stage.time.instant());
        assertThat(unread.reason()).isEqualTo("second is away");
        assertThat(stage.ledger.leftOutSince(mark)).containsExactly(unread);
        assertThatThrownBy(() -> stage.ledger.whole(stage.ledger::flows))
                .isInstanceOf(StoreAwayException.class)
                .hasMessageContaining("shards 2 to 3");

        away.clear();
        stage.pass(LATER);
        mark = stage.ledger.mark();
        assertThat(accepted()).isEqualTo(4);
        assertThat(stage.ledger.unread()).isEmpty();
        assertThat(stage.ledger.leftOutSince(mark)).isEmpty();
    }

    @Test
    void whatAsksForKeysOfTheOthersLeavesNothingOut() {
        sendToAll();
        away.add("second");
        long mark = stage.ledger.mark();
        DeliveryFilter ofFirst = new DeliveryFilter(FLOW, null, List.of(key(0, 0)), List.of(), null, null);
        stage.ledger.search().find(ofFirst, EnumSet.of(DeliveryState.DEAD), 0, 10);
        assertThat(stage.ledger.leftOutSince(mark)).isEmpty();
    }

    @Test
    void aLedgerInOneDatabaseIsReadWholeOrNotAtAll() {
        Stage one = stage("one", "one", "one", "one");
        away.add("one");
        assertThatThrownBy(one.ledger::flows).isInstanceOf(StoreAwayException.class);
        assertThat(one.ledger.unread()).isEmpty();
    }

    @Test
    void nothingIsReadWhenAllAreAway() {
        sendToAll();
        away.addAll(List.of("first", "second"));
        assertThatThrownBy(stage.ledger::flows).isInstanceOf(StoreAwayException.class);
        assertThat(stage.ledger.isWritable()).isFalse();
    }

    @Test
    void theLedgerIsWritableForTheKeysOfTheOthers() {
        away.add("second");
        CompletableFuture<?> lost = send(2);
        stage.pass();
        assertThat(lost).isCompletedExceptionally();
        CompletableFuture<?> kept = send(0);
        stage.pass();
        assertThat(kept).isCompleted();
        assertThat(stage.ledger.isWritable()).isTrue();
    }

    @Test
    void aPauseSaysInWhichShardsItIsNotDone() {
        Stage.Scripted target = stage.target("shop", false);
        sendToAll();
        away.add("second");
        CompletableFuture<Void> paused = stage.ledger.pause(target.name, "me", null);
        stage.pass();
        assertThatThrownBy(paused::join)
                .hasCauseInstanceOf(LedgerException.Unavailable.class)
                .hasMessageContaining("done in part only")
                .hasMessageContaining("not done: shard 2, shard 3")
                .hasMessageContaining("second is away");
        int before = target.got.size();
        send(0);
        stage.pass();
        assertThat(target.got).hasSize(before);
    }

    private Stage.Scripted deadLetters() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> NO;
        sendToAll();
        assertThat(target.status().dead()).isEqualTo(SHARDS);
        return target;
    }

    @Test
    void aReplayOfAllSaysHowManyItReplayedAndWhatItCouldNotReach() {
        Stage.Scripted target = deadLetters();
        target.script = (change, attempt) -> OK;
        away.add("second");
        CompletableFuture<Integer> replayed = stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.pass();
        assertThatThrownBy(replayed::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("after 2")
                .hasMessageContaining("shards 2 to 3");
        assertThat(target.status().dead()).isZero(); // of those that are read

        away.clear();
        stage.pass(LATER);
        assertThat(target.status().dead()).isEqualTo(2);
        CompletableFuture<Integer> rest = stage.ledger.actions().replay(DeliveryFilter.ALL);
        stage.pass();
        assertThat(rest.join()).isEqualTo(2);
    }

    @Test
    void aReplayAtAPaceTakesTheRestWhenItIsBack() {
        Stage.Scripted target = deadLetters();
        target.script = (change, attempt) -> OK;
        away.add("second");
        BegunReplay replay = stage.replay(DeliveryFilter.ALL, 100, SHARDS);
        stage.pass(LATER);
        assertThat(replay.state().moved()).isEqualTo(2);
        assertThat(replay.state().endedAt()).isNull();

        away.clear();
        stage.pass(LATER);
        assertThat(replay.state().moved()).isEqualTo(SHARDS);
        assertThat(new HashSet<>(target.got)).hasSize(SHARDS);
    }

    @Test
    void inTheMetricsCountersStandStillAndGaugesAreOfTheOthers() {
        Stage.Scripted target = deadLetters();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        FlowMeters meters = new FlowMeters(registry, stage.ledger, stage.time);
        meters.refresh();
        assertThat(registry.get("serai.accepted").functionCounter().count()).isEqualTo(SHARDS);

        away.add("second");
        send(0);
        stage.pass(LATER);
        assertThat(registry.get("serai.accepted").functionCounter().count()).isEqualTo(SHARDS);
        assertThat(registry.get("serai.dead")
                        .tag("target", target.name.target())
                        .gauge()
                        .value())
                .isEqualTo(3);
        assertThat(registry.get("serai.ledger.unread.shards").gauge().value()).isEqualTo(2);

        away.clear();
        stage.pass(LATER);
        stage.ledger.unread(); // finds that it is back
        stage.pass(LATER);
        assertThat(registry.get("serai.accepted").functionCounter().count()).isEqualTo(SHARDS + 1);
        assertThat(registry.get("serai.ledger.unread.shards").gauge().value()).isZero();
    }

    @Test
    void theHistoryCountsEachChangeOnceAlthoughItWasAwayForAWhile() {
        sendToAll();
        stage.pass(Duration.ofMinutes(3));
        away.add("second");
        accepted();
        send(0);
        stage.pass(Duration.ofMinutes(3));
        away.clear();
        stage.pass(Duration.ofMinutes(3));
        send(2);
        stage.pass(Duration.ofMinutes(3));
        HistoryQuery all = new HistoryQuery(
                HistoryStep.MINUTE, FLOW, null, stage.time.instant().minus(Duration.ofHours(1)), stage.time.instant());
        assertThat(stage.ledger.history().points(all).stream()
                        .mapToLong(point -> point.counts().accepted())
                        .sum())
                .isEqualTo(6);
    }
}
