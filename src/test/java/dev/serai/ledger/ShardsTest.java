package dev.serai.ledger;

import static dev.serai.ledger.Stage.FLOW;
import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static dev.serai.ledger.Stage.TWICE_MORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A ledger of several shards behaves like one of one shard; what is promised of a target holds over all of them. */
class ShardsTest {
    private static final int SHARDS = 4;

    private static final Retention KEPT = new Retention(Duration.ofDays(2), Duration.ofDays(4));

    private final Stage stage = Stage.ofShards(SHARDS, KEPT);
    private int sent;

    /** A key that falls to this shard. */
    private static String key(int shard, int number) {
        int candidate = 0;
        for (int found = -1; found < number; candidate++) {
            found += shardOf("k" + candidate) == shard ? 1 : 0;
        }
        return "k" + (candidate - 1);
    }

    private static int shardOf(String key) {
        return (int) Math.floorMod(Hash.of(FLOW, key), (long) SHARDS);
    }

    private void send(int shard, int number) {
        stage.send("i" + sent++, key(shard, number));
    }

    private Stage.Scripted target(int concurrency) {
        return stage.new Scripted("shop").start(TargetOptions.of(concurrency, TWICE_MORE, true, false));
    }

    private static Change change(String id, String key) {
        return new Change(FLOW, id, key, null, Operation.UPSERT, null, Map.of(), id.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aSequenceTellsItsShardAndOneShardCountsAsEver() {
        for (int shard = 0; shard < SHARDS; shard++) {
            CompletableFuture<Receipt> first = stage.send("a" + shard, key(shard, 0));
            CompletableFuture<Receipt> second = stage.send("b" + shard, key(shard, 1));
            stage.pass();
            assertThat(ShardSequence.shardOf(first.join().sequence())).isEqualTo(shard);
            assertThat(second.join().sequence()).isEqualTo(first.join().sequence() + ShardSequence.SHARDS_MAX);
            assertThat(stage.ledger
                            .change(FLOW, first.join().sequence())
                            .orElseThrow()
                            .change()
                            .id())
                    .isEqualTo("a" + shard);
        }
        Stage one = new Stage();
        one.send("a", "k1");
        CompletableFuture<Receipt> second = one.send("b", "k2");
        one.pass();
        assertThat(second.join().sequence()).isEqualTo(2);
    }

    @Test
    void changesOfAKeyAreDeliveredInOrder() {
        Stage.Scripted target = target(4);
        target.script = (change, attempt) -> attempt == 1 && change.id().endsWith("0") ? OOPS : OK;
        for (int i = 0; i < 10; i++) {
            for (int key = 0; key < 12; key++) {
                stage.send(key + "-" + i, "k" + key);
            }
        }
        stage.pass(Duration.ofSeconds(30));

        for (int key = 0; key < 12; key++) {
            String prefix = key + "-";
            List<String> expected = new ArrayList<>(List.of(prefix + 0));
            IntStream.range(0, 10).forEach(i -> expected.add(prefix + i));
            assertThat(target.got.stream().filter(id -> id.startsWith(prefix))).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void theDeliveriesOfAllShardsTogetherAreBoundedAndEachShardHasItsTurn() {
        Stage.Scripted target = target(4);
        target.takes = change -> Duration.ofMillis(100);
        for (int i = 0; i < 40; i++) { // the first shard has far more to send than the others
            send(0, i);
        }
        for (int shard = 1; shard < SHARDS; shard++) {
            send(shard, 0);
        }
        int most = 0;
        for (int i = 0; i < 20; i++) {
            stage.pass(Duration.ofMillis(10));
            most = Math.max(most, (int) target.status().delivering());
        }
        assertThat(most).isEqualTo(4);
        assertThat(target.got).contains("i40", "i41", "i42");
        stage.pass(Duration.ofSeconds(2));
        assertThat(target.got).hasSize(43);
        assertThat(target.status().delivered()).isEqualTo(43);
    }

    @Test
    void theRateIsThatOfTheTarget() {
        TargetOptions options = new TargetOptions(8, 1, true, false, false, 10, TWICE_MORE, true, false);
        Stage.Scripted target = stage.new Scripted("shop").start(options);
        for (int i = 0; i < 60; i++) {
            send(i % SHARDS, i);
        }
        stage.pass(Duration.ofSeconds(3));
        assertThat(target.got).hasSizeBetween(29, 32);
    }

    @Test
    void anOutageOpensOneCircuitAndOneProbeAtATimeGoesOut() {
        Stage.Scripted target = target(8);
        target.script = (change, attempt) -> Stage.DOWN;
        for (int shard = 0; shard < SHARDS; shard++) {
            for (int i = 0; i < 10; i++) {
                send(shard, i);
            }
        }
        stage.pass(Duration.ofSeconds(5));
        assertThat(target.status().circuit()).isNotEqualTo(CircuitState.CLOSED);
        int before = target.got.size();
        target.takes = change -> Duration.ofSeconds(1);
        for (int i = 0; i < 300; i++) {
            stage.pass(Duration.ofMillis(100));
            assertThat(target.status().delivering()).isLessThanOrEqualTo(1);
        }
        assertThat(target.got.size() - before).isBetween(2, 6);

        target.script = (change, attempt) -> OK;
        target.takes = change -> Duration.ofMillis(1);
        stage.pass(Duration.ofSeconds(30));
        assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
        assertThat(target.status().delivered()).isEqualTo(40);
        assertThat(target.status().dead()).isZero();
    }

    @Test
    void aProbeIsOfAKeyThatSucceededInWhicheverShardItIs() {
        Stage.Scripted target = target(8);
        stage.send("proven", key(2, 0));
        stage.pass();
        target.script = (change, attempt) -> Stage.DOWN;
        for (int i = 0; i < 10; i++) {
            send(0, i);
            send(1, i);
        }
        stage.pass(Duration.ofSeconds(20));
        stage.send("probe", key(2, 0));
        int before = target.got.size();
        stage.pass(Duration.ofSeconds(20));

        assertThat(target.got.get(before)).isEqualTo("probe");
    }

    @Test
    void aSuccessInOneShardTellsWhoIsToBlameInAnother() {
        Outcome timedOut = new Outcome.Failed(null, "timed out", null, true);
        Stage.Scripted target = target(8);
        String bad = key(1, 0);
        target.script = (change, attempt) -> change.key().equals(bad) ? timedOut : OK;
        stage.send("bad", bad);
        for (int i = 0; i < 60; i++) {
            send(0, i);
            stage.pass(Duration.ofMillis(200));
        }
        assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
        assertThat(target.status().dead()).as("its three attempts are over").isEqualTo(1);
    }

    @Test
    void aTargetThatIsGoneOrPausedSendsNothingInAnyShard() {
        Stage.Scripted target = target(4);
        target.script = (change, attempt) -> new Outcome.Gone(410, "gone");
        send(0, 0);
        stage.pass();
        assertThat(target.status().isPaused()).isTrue();
        for (int shard = 0; shard < SHARDS; shard++) {
            send(shard, 1);
        }
        stage.pass(Duration.ofSeconds(5));
        assertThat(target.got).hasSize(1);

        target.script = (change, attempt) -> OK;
        stage.ledger.resume(target.name);
        stage.pass(Duration.ofSeconds(5));
        assertThat(target.got).hasSize(1 + SHARDS);
        stage.ledger.pause(target.name, null, null);
        stage.pass();
        for (MemoryStore store : stage.stores) {
            assertThat(store.counts(target.name).pause()).isNotNull();
        }
    }

    @Test
    void aRemovedTargetIsGoneFromAllShards() throws Exception {
        Stage.Scripted target = target(4);
        CompletableFuture<Void> inUse = stage.ledger.removeTarget(target.name);
        stage.pass();
        assertThatThrownBy(inUse::join).hasCauseInstanceOf(LedgerException.InUse.class);
        target.subscription().close(Duration.ZERO);
        CompletableFuture<Void> removed = stage.ledger.removeTarget(target.name);
        stage.pass();

        assertThat(removed).isCompleted();
        assertThat(stage.stores).noneMatch(store -> store.knows(target.name));
        assertThatThrownBy(() -> stage.ledger.removeTarget(target.name).join())
                .hasCauseInstanceOf(LedgerException.Invalid.class);
    }

    @Test
    void theSameIdTwiceIsOneChange() {
        CompletableFuture<Receipt> first = stage.send("same", "k1", "body");
        CompletableFuture<Receipt> again = stage.send("same", "k1", "body");
        CompletableFuture<Receipt> other = stage.send("same", "k1", "another body");
        stage.pass(Duration.ofSeconds(3));

        assertThat(again.join().duplicate()).isTrue();
        assertThat(again.join().sequence()).isEqualTo(first.join().sequence());
        assertThatThrownBy(other::join).hasCauseInstanceOf(LedgerException.Conflict.class);
    }

    @Test
    void countsAreSumsAndTheOldestIsTheOldestOfAll() {
        Stage.Scripted target = target(4);
        target.script = (change, attempt) -> change.id().equals("i0") ? OOPS : OK;
        for (int i = 0; i < 20; i++) {
            send(i % SHARDS, i);
            stage.pass(Duration.ofMillis(20));
        }
        stage.send("i1", key(1, 1), "body of i1"); // a repeat
        stage.pass(Duration.ofMillis(50));

        FlowStatus flow = stage.ledger.flows().get(0);
        TargetStatus status = target.status();
        assertThat(stage.ledger.flows()).hasSize(1);
        assertThat(flow.accepted()).isEqualTo(20);
        assertThat(flow.duplicates()).isEqualTo(1);
        assertThat(status.delivered()).isEqualTo(19);
        assertThat(status.waiting() + status.delivering()).isEqualTo(1);
        assertThat(status.oldest())
                .isEqualTo(stage.ledger
                        .changes(new ChangeQuery(FLOW, null, "i0", 1))
                        .get(0)
                        .acceptedAt());
    }

    @Test
    void aStatusReadsTheFlowsAndTheTargetsOfAShardOnce() {
        MemoryStore memory = new MemoryStore();
        List<String> reads = new ArrayList<>();
        Stage one = Stage.over((Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, args) -> {
                    reads.add(method.getName());
                    return method.invoke(memory, args);
                }));
        one.target("shop", false);
        one.target("erp", false);
        one.send("1", "k");
        one.pass();

        one.ledger.flows(); // the first read asks for the name of the database, too
        reads.clear();
        assertThat(one.ledger.flows()).hasSize(1);
        assertThat(reads).containsExactly("targets", "flows", "counts", "counts");
    }

    @Test
    void changesAreListedNewestFirst() {
        for (int i = 0; i < 12; i++) {
            send((i * 3) % SHARDS, i);
            stage.pass(Duration.ofMillis(20));
        }
        List<String> ids = stage.ledger.changes(new ChangeQuery(FLOW, null, null, 5)).stream()
                .map(Entry::change)
                .map(Change::id)
                .toList();
        assertThat(ids).containsExactly("i11", "i10", "i9", "i8", "i7");
        assertThat(stage.ledger.changes(new ChangeQuery(FLOW, key(0, 0), null, 5)))
                .hasSize(1);
    }

    @Test
    void deadLettersOfAllShardsAreListedInPagesAndReplayedAtTheirPace() {
        Stage.Scripted target = target(8);
        target.script = (change, attempt) -> NO;
        for (int i = 0; i < 8; i++) {
            send(i % SHARDS, i);
            stage.pass();
        }
        List<Long> listed = new ArrayList<>();
        List<DeadLetter> page = stage.ledger.dead(DeliveryFilter.ALL, 0, 3);
        while (!page.isEmpty()) {
            assertThat(page).hasSizeLessThanOrEqualTo(3);
            page.forEach(letter -> listed.add(letter.sequence()));
            page = stage.ledger.dead(DeliveryFilter.ALL, listed.get(listed.size() - 1), 3);
        }
        assertThat(listed).hasSize(8).doesNotHaveDuplicates().isSorted();
        assertThat(stage.ledger.actions().count(DeliveryFilter.ALL, DeliveryState.DEAD))
                .isEqualTo(8);

        target.script = (change, attempt) -> OK;
        target.got.clear();
        CompletableFuture<Integer> replayed =
                stage.replay(DeliveryFilter.ALL, 1, 8).allMoved();
        stage.pass(Duration.ofMillis(3_500));
        assertThat(target.got).hasSizeBetween(3, 5);
        stage.pass(Duration.ofSeconds(6));
        assertThat(replayed.join()).isEqualTo(8);
        assertThat(target.got).hasSize(8);
        assertThat(target.status().delivered()).isEqualTo(8);
    }

    @Test
    void theCursorOfABatchIsSavedLastAndARepeatSendsNothingTwice() throws Exception {
        Stage.Scripted target = target(4);
        List<Change> batch = IntStream.range(0, 8)
                .mapToObj(i -> change("b" + i, key(i % SHARDS, i)))
                .toList();
        Cursor cursor = new Cursor("pull", "1", stage.time.instant());
        stage.stores.get(3).failCommit(1, false);
        CompletableFuture<List<Receipt>> failed = stage.ledger.accept(batch, cursor);
        stage.pass(Duration.ofSeconds(5));
        assertThatThrownBy(failed::join).hasCauseInstanceOf(LedgerException.Unavailable.class);
        assertThat(stage.ledger.cursor("pull")).isEmpty();

        CompletableFuture<List<Receipt>> repeated = stage.ledger.accept(batch, cursor);
        stage.pass(Duration.ofSeconds(5));
        assertThat(repeated.join())
                .extracting(Receipt::id)
                .containsExactly("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7");
        assertThat(repeated.join()).extracting(Receipt::duplicate).contains(true, false);
        assertThat(stage.ledger.cursor("pull")).contains(cursor);
        assertThat(stage.ledger.cursors()).containsExactly(cursor);
        assertThat(target.got).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void waitingForADeliveryWorksInEveryShard() {
        target(4);
        for (int shard = 0; shard < SHARDS; shard++) {
            CompletableFuture<Confirmation> confirmed =
                    stage.ledger.acceptAndWait(change("w" + shard, key(shard, 0)), null, Duration.ofSeconds(10));
            stage.pass();
            assertThat(confirmed.join().state()).isEqualTo(DeliveryState.DELIVERED);
        }
    }

    @Test
    void aTroubledShardRefusesItsOwnKeysOnly() {
        stage.stores.get(1).failCommit(1, false);
        stage.send("lost", key(1, 0));
        stage.writer(1).stepOnce();
        assertThat(stage.ledger.trouble()).isPresent();
        CompletableFuture<Receipt> refused = stage.send("refused", key(1, 1));
        CompletableFuture<Receipt> other = stage.send("other", key(0, 0));
        assertThatThrownBy(refused::join).hasCauseInstanceOf(LedgerException.Unavailable.class);
        stage.pass(Duration.ofSeconds(5));
        assertThat(other.join().duplicate()).isFalse();
        assertThat(stage.ledger.trouble()).isEmpty();
    }

    @Test
    void whatWasUnderWayIsDeliveredAfterACrash() {
        Stage.Scripted target = target(4);
        target.takes = change -> Duration.ofHours(1);
        for (int i = 0; i < 8; i++) {
            send(i % SHARDS, i);
        }
        stage.pass();
        Stage again = stage.reopened();
        Stage.Scripted after = again.new Scripted("shop").start(TargetOptions.of(4, TWICE_MORE, true, false));
        again.pass(Duration.ofSeconds(5));
        assertThat(after.got).hasSize(8);
    }

    @Test
    void retentionWorksInEveryShard() {
        target(4);
        for (int i = 0; i < 8; i++) {
            send(i % SHARDS, i);
        }
        stage.pass();
        stage.passDays(KEPT.settled().toDays() + 2);
        assertThat(stage.ledger.changes(new ChangeQuery(FLOW, null, null, 10))).isEmpty();
        assertThat(stage.ledger.flows().get(0).accepted()).isEqualTo(8);
    }
}
