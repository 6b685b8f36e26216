package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.ShardReads;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.support.Patience;
import dev.serai.task.LedgerScheduler;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger whose shards are in several databases. */
class SeveralDatabasesTest {
    private static final int SHARDS = 5;

    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();
    private String first;
    private String second;

    @BeforeEach
    void servers() throws Exception {
        first = TestServer.url();
        second = TestServer.secondUrl();
    }

    private LedgerAddress address(String node, String... urls) {
        return new LedgerAddress(String.join(" \t", urls), null, null, schema, SHARDS, node, folder.resolve(node));
    }

    private SharedShards join(String node, String... urls) {
        return LedgerStores.join(address(node, urls), node + ":1", BodyCipher.NONE);
    }

    private static Change change(String id, String key) {
        return new Change("orders", id, key, null, Operation.UPSERT, null, Map.of(), new byte[] {1});
    }

    private static void insert(Store store, String id) {
        try (Transaction transaction = store.begin()) {
            transaction.insert(change(id, "k"), Instant.EPOCH);
            transaction.commit();
        }
    }

    private static List<String> ids(Store store) {
        return store.changes(new ChangeQuery("orders", null, null, 10)).stream()
                .map(entry -> entry.change().id())
                .toList();
    }

    @Test
    void eachDatabaseKeepsARangeOfTheShardsAndAnyNodeReadsAll() {
        try (SharedShards a = join("a", first, second);
                SharedShards b = join("b", first, second)) {
            assertThat(a.count()).isEqualTo(SHARDS);
            assertThat(b.look().parts()).extracting(ClusterView.ShardRange::end).containsExactly(2, SHARDS);
            Set<Long> sequences = new HashSet<>();
            for (int shard = 0; shard < SHARDS; shard++) {
                try (Store own = a.take(shard).orElseThrow()) {
                    insert(own, "of " + shard);
                    assertThat(b.take(shard)).isEmpty();
                    assertThat(b.look().ownerOf(shard).orElseThrow().name()).isEqualTo("a");
                    assertThat(ids(b.view(shard))).containsExactly("of " + shard);
                    assertThat(sequences.add(own.lastSequence())).isTrue();
                }
            }
        }
    }

    @Test
    void aNodeThatHasItForItselfOpensAllOfThemAgain() {
        for (int time = 0; time < 2; time++) {
            List<Store> stores = LedgerStores.open(address("alone", first, second), BodyCipher.NONE);
            assertThat(stores).hasSize(SHARDS);
            for (int shard = 0; shard < SHARDS; shard++) {
                insert(stores.get(shard), time + " of " + shard);
                assertThat(ids(stores.get(shard))).hasSize(time + 1);
            }
            stores.forEach(Store::close);
        }
    }

    @Test
    void databasesInAnotherOrderOrNumberOrOfAnotherLedgerAreRefusedAndNothingIsHeldOrChanged() throws Exception {
        LedgerStores.open(address("alone", first, second), BodyCipher.NONE).forEach(Store::close);
        assertRefused("part 2 of 2", "part 1 of 2", second, first);
        assertRefused("part 1 of 2", "a whole ledger", first);
        assertRefused("part 2 of 2", "a whole ledger", second);

        TestServer.execute("DROP SCHEMA " + schema + " CASCADE"); // and with it who owns what
        assertRefused("part 2 of 2", "part 2 of 2", first, second);
    }

    @Test
    void aLedgerThatIsInOneDatabaseStaysThere() {
        LedgerStores.open(address("alone", first), BodyCipher.NONE).forEach(Store::close);
        assertRefused("a whole ledger", "part 1 of 2", first, second);
        LedgerStores.open(address("alone", first), BodyCipher.NONE).forEach(Store::close);
    }

    private void assertRefused(String kept, String named, String... urls) {
        for (boolean shared : new boolean[] {true, false}) {
            assertThatThrownBy(() -> {
                        if (shared) {
                            join("alone", urls);
                        } else {
                            LedgerStores.open(address("alone", urls), BodyCipher.NONE);
                        }
                    })
                    .isInstanceOf(StoreOpenException.class)
                    .hasMessageContaining("keeps " + kept)
                    .hasMessageContaining("names it as " + named)
                    .hasMessageContaining("all of them and in their order");
        }
    }

    @Test
    void whatCannotBeALedgerInSeveralDatabasesIsRefused() {
        assertThatThrownBy(() -> address("a", first, "jdbc:sqlite:x.db"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jdbc:sqlite:x.db");
        assertThatThrownBy(() -> address("a", first, first)).hasMessageContaining("named twice");
        String[] many = new String[SHARDS + 1];
        for (int i = 0; i < many.length; i++) {
            many[i] = first + "&application_name=" + i;
        }
        assertThatThrownBy(() -> join("a", many)).hasMessageContaining("set serai.shards to 6 or more");
        assertThatThrownBy(() -> join("a", first, first + "&ssl=false")) // another name of the same database
                .isInstanceOf(StoreOpenException.class)
                .hasMessageContaining("keeps part 1 of 2");
    }

    /** Runs with a way to the second database that can be cut. */
    private interface CutWork {
        void run(CutProxy proxy, String cut, LedgerSettings settings) throws Exception;
    }

    private void withCut(CutWork work) throws Exception {
        LedgerScheduler scheduler = new LedgerScheduler(2, Thread::new);
        try (CutProxy proxy = new CutProxy(TestServer.port())) {
            String cut = second.replace(":" + TestServer.port() + "/", ":" + proxy.port() + "/");
            LedgerSettings settings = new LedgerSettings(
                    Limits.DEFAULT,
                    Retention.DEFAULT,
                    new LedgerClock(TimeSource.system()),
                    new Random(1),
                    scheduler,
                    Runnable::run,
                    (target, state, sinceAccepted) -> {});
            work.run(proxy, cut, settings);
        } finally {
            scheduler.shutdownNow();
        }
    }

    private Ledger ledger(String cut, LedgerSettings settings) {
        return new Ledger(join("a", first, cut), new MemoryCluster(1).peers("a"), settings);
    }

    @Test
    void whileOneDatabaseIsAwayTheShardsOfTheOthersAcceptAndLaterAllDo() throws Exception {
        withCut((proxy, cut, settings) -> {
            try (Ledger ledger = ledger(cut, settings)) {
                List<String> keys = keys(ledger);
                proxy.refuse(true);
                String ofSecond = keys.get(SHARDS - 1);
                await().until(() -> !accepts(ledger, ofSecond));
                for (int i = 0; i < 20; i++) {
                    assertThat(accepts(ledger, keys.get(0))).isTrue();
                    assertThat(accepts(ledger, keys.get(1))).isTrue();
                }
                proxy.refuse(false);
                await().until(() -> accepts(ledger, ofSecond) && accepts(ledger, keys.get(2)));
            }
        });
    }

    @Test
    void whileOneDatabaseIsAwayWhatTheOthersHaveIsReadAndTheRestIsNamed() throws Exception {
        withCut((proxy, cut, settings) -> {
            try (Ledger ledger = ledger(cut, settings)) {
                keys(ledger); // all shards are taken now
                long before = ledger.flows().get(0).accepted();
                long ofFirst = 0;
                for (int i = 0; i < 40; i++) {
                    ofFirst += accept(ledger, "more " + i).orElseThrow() < 2 ? 1 : 0;
                }
                long all = ledger.flows().get(0).accepted();
                assertThat(all).isEqualTo(before + 40);
                proxy.refuse(true);
                assertThat(ledger.flows().get(0).accepted()).isBetween(ofFirst, before + ofFirst);
                assertThat(ledger.changes(new ChangeQuery("orders", null, null, 1000)))
                        .hasSize((int) ledger.flows().get(0).accepted())
                        .allSatisfy(entry -> assertThat(ShardSequence.shardOf(entry.sequence()))
                                .isLessThan(2));
                assertThat(ledger.unread())
                        .singleElement()
                        .satisfies(one -> assertThat(one.range()).isEqualTo("shards 2 to 4"))
                        .satisfies(one -> assertThat(one.database()).contains("/second"));
                assertThat(ledger.space()).isEmpty();
                assertThat(ledger.isWritable()).isTrue();
                proxy.refuse(false);
                await().until(() -> ledger.unread().isEmpty());
                assertThat(ledger.flows().get(0).accepted()).isEqualTo(all);
            }
        });
    }

    @Test
    void theShardsOfOtherNodesAreReadInTheSameWay() throws Exception {
        withCut((proxy, cut, settings) -> {
            try (SharedShards a = join("a", first, cut)) {
                ShardReads reads = new ShardReads(SHARDS, a::view, InstantSource.system());
                assertThat(reads.each(shard -> a.view(shard).flows())).hasSize(SHARDS);
                proxy.refuse(true);
                assertThat(reads.each(shard -> a.view(shard).flows())).hasSize(2);
                assertThat(reads.unread()).singleElement().satisfies(one -> assertThat(one.range())
                        .isEqualTo("shards 2 to 4"));
                proxy.refuse(false);
                await().until(() -> reads.unread().isEmpty());
            }
        });
    }

    @Test
    void aNodeStartsWhileADatabaseIsAwayAndTakesItsShardsWhenItIsBack() throws Exception {
        LedgerStores.open(address("alone", first, second), BodyCipher.NONE).forEach(Store::close);
        withCut((proxy, cut, settings) -> {
            proxy.refuse(true);
            try (Ledger ledger = ledger(cut, settings)) {
                assertThat(ledger.unread()).singleElement().satisfies(one -> assertThat(one.range())
                        .isEqualTo("shards 2 to 4"));
                Set<Integer> taken = new HashSet<>();
                for (int i = 0; i < 50; i++) {
                    accept(ledger, "key " + i).ifPresent(taken::add);
                }
                assertThat(taken).containsExactlyInAnyOrder(0, 1);
                proxy.refuse(false);
                await().atMost(Patience.MAX).until(() -> ledger.unread().isEmpty());
                assertThat(keys(ledger)).hasSize(SHARDS);
            }
        });
    }

    /** As hot reload does with a route. */
    @Test
    void aRouteThatIsReplacedWhileADatabaseIsAwayDeliversFromTheOthersAndFromAllWhenItIsBack() throws Exception {
        withCut((proxy, cut, settings) -> {
            Set<String> byOld = ConcurrentHashMap.newKeySet();
            Set<String> byNew = ConcurrentHashMap.newKeySet();
            Set<String> byAdded = ConcurrentHashMap.newKeySet();
            try (Ledger ledger = ledger(cut, settings)) {
                Subscription old = deliver(ledger, "shop", byOld);
                List<String> keys = keys(ledger);
                await().until(() -> byOld.size() == sent);
                proxy.refuse(true);
                await().until(() -> !accepts(ledger, keys.get(SHARDS - 1)));

                old.close(Duration.ofMinutes(2));
                Subscription replaced = deliver(ledger, "shop", byNew);
                Subscription added = deliver(ledger, "bank", byAdded);
                for (int i = 0; i < 2; i++) {
                    String id = "number " + sent;
                    assertThat(accepts(ledger, keys.get(i))).isTrue();
                    await().until(() -> byNew.contains(id) && byAdded.contains(id));
                }
                proxy.refuse(false);
                for (int i = 2; i < SHARDS; i++) {
                    String key = keys.get(i);
                    await().until(() -> accepts(ledger, key));
                    String id = "number " + (sent - 1);
                    await().until(() -> byNew.contains(id) && byAdded.contains(id));
                }
                assertThat(replaced.close(Duration.ofMinutes(2))).isTrue();
                assertThat(added.close(Duration.ofMinutes(2))).isTrue();
            }
        });
    }

    private static Subscription deliver(Ledger ledger, String target, Set<String> delivered) {
        Subscription subscription = ledger.subscribe(
                new TargetName("orders", target),
                TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false),
                (changes, done) -> {
                    changes.forEach(one -> delivered.add(one.entry().change().id()));
                    done.accept(new Outcome.Delivered(200));
                },
                new TargetCircuit(TimeSource.system()));
        subscription.start();
        return subscription;
    }

    @Test
    void aNodeDoesNotStartWithoutTheFirstDatabase() throws Exception {
        try (CutProxy proxy = new CutProxy(TestServer.port())) {
            proxy.refuse(true);
            String cut = first.replace(":" + TestServer.port() + "/", ":" + proxy.port() + "/");
            assertThatThrownBy(() -> join("a", cut, second))
                    .isInstanceOf(StoreOpenException.class)
                    .hasMessageContaining("cannot be opened");
        }
    }

    private int sent;

    /** The shard that accepted a new change of that key; empty if none did. */
    private OptionalInt accept(Ledger ledger, String key) throws InterruptedException {
        try {
            long sequence = ledger.accept(change("number " + sent++, key)).get().sequence();
            return OptionalInt.of(ShardSequence.shardOf(sequence));
        } catch (ExecutionException | LedgerException e) {
            return OptionalInt.empty();
        }
    }

    private boolean accepts(Ledger ledger, String key) throws InterruptedException {
        return accept(ledger, key).isPresent();
    }

    /** A key of each shard. */
    private List<String> keys(Ledger ledger) throws InterruptedException {
        Map<Integer, String> found = new TreeMap<>();
        for (int i = 0; found.size() < SHARDS; i++) {
            String key = "key " + i;
            accept(ledger, key).ifPresent(shard -> found.put(shard, key));
        }
        return List.copyOf(found.values());
    }
}
