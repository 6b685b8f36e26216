package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.StoreOpenException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that share a ledger, as the database knows them. */
class PostgresClusterTest {
    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();

    private LedgerAddress address(String name, String data) {
        return new LedgerAddress(TestServer.url(), null, null, schema, 4, name, folder.resolve(data));
    }

    private SharedShards join(String name) {
        return LedgerStores.join(address(name, name), at(name), BodyCipher.NONE);
    }

    private static String at(String name) {
        return "127.0.0.1:" + (int) name.charAt(0);
    }

    private static void insert(Store store, String id) {
        try (Transaction transaction = store.begin()) {
            transaction.insert(
                    new Change("orders", id, "k", null, Operation.UPSERT, null, Map.of(), new byte[] {1}),
                    Instant.EPOCH);
            transaction.commit();
        }
    }

    @Test
    void aShardIsOpenOnOneNodeAndReadByAll() {
        try (SharedShards a = join("a");
                SharedShards b = join("b")) {
            try (Store own = a.take(2).orElseThrow()) {
                assertThat(b.take(2)).isEmpty();
                insert(own, "1");
                Store view = b.view(2);
                assertThat(view.flows()).singleElement().satisfies(flow -> assertThat(flow.accepted())
                        .isEqualTo(1));
                assertThat(view.changes(new ChangeQuery("orders", null, "1", 10)))
                        .singleElement()
                        .satisfies(entry -> assertThat(entry.sequence()).isEqualTo(own.lastSequence()));
                assertThat(b.view(3).flows()).isEmpty();
                assertThat(view.lastSequence()).isEqualTo(own.lastSequence());
                ClusterView seen = b.look();
                assertThat(seen.nodes()).extracting(ClusterNode::name).containsExactly("a", "b");
                assertThat(seen.ownerOf(2).orElseThrow().name()).isEqualTo("a");
                assertThat(seen.ownerOf(1)).isEmpty();
            }
            try (Store next = b.take(2).orElseThrow()) { // given back when it was closed
                insert(next, "2");
                assertThat(a.view(2).flows()).singleElement().satisfies(flow -> assertThat(flow.accepted())
                        .isEqualTo(2));
            }
        }
    }

    @Test
    void aNodeWhoseLeaseEndedWritesNothingMoreAndKnowsIt() throws Exception {
        try (SharedShards a = join("a");
                SharedShards b = join("b");
                Store late = a.take(1).orElseThrow()) {
            Optional<Store> taken = await().until(
                            () -> { // it may be renewed in between
                                TestServer.execute("UPDATE " + schema + ".shard SET until = '-infinity' WHERE id = 1");
                                return b.take(1);
                            },
                            Optional::isPresent);
            try (Store own = taken.orElseThrow()) {
                insert(own, "new");
                assertThatThrownBy(() -> insert(late, "late")).isInstanceOf(StoreAwayException.class);
                await().untilAsserted(() -> assertThat(late.lapse()).contains("taken over", "node b"));
                await().untilAsserted(() -> assertThat(own.lapse()).isNull());
                assertThat(b.view(1).flows()).singleElement().satisfies(flow -> assertThat(flow.accepted())
                        .isEqualTo(1));
                assertThat(a.look().isOwn(1)).isFalse();
            }
        }
    }

    /** The rows of a node that died, which renewed its leases so long ago. */
    private ClusterNode died(int shard, String address, Duration ago) throws SQLException {
        String until = "clock_timestamp() + INTERVAL '"
                + ShardOwnership.LEASE.minus(ago).toMillis() + " milliseconds'";
        TestServer.execute(
                "INSERT INTO " + schema + ".node (id, name, address, until) VALUES ('dead', 'c', '" + address + "', "
                        + until + ") ON CONFLICT (id) DO UPDATE SET until = excluded.until",
                "UPDATE " + schema + ".shard SET owner = 'dead', owner_name = 'c', until = " + until + " WHERE id = "
                        + shard);
        return new ClusterNode("dead", "c", address);
    }

    @Test
    void aNodeThatIsGoneLosesWhatItHasNotRenewedForSeconds() throws Exception {
        try (SharedShards a = join("a")) {
            ClusterNode dead = died(3, "127.0.0.1:2", Duration.ZERO);
            assertThat(a.end(dead)).as("just renewed").isFalse();
            assertThat(a.take(3)).isEmpty();
            died(3, "127.0.0.1:2", ShardOwnership.GONE);
            assertThat(a.take(3)).as("not known to be gone").isEmpty();
            assertThat(a.end(dead)).isTrue();
            assertThat(a.look().nodes()).extracting(ClusterNode::name).containsExactly("a");
            try (Store own = a.take(3).orElseThrow()) {
                insert(own, "1");
            }
        }
    }

    @Test
    void aCommitThatHoldsTheRowOfAShardKeepsNobodyWhoEndsItsLease() throws Exception {
        try (SharedShards a = join("a");
                Connection other = DriverManager.getConnection(TestServer.url());
                Statement statement = other.createStatement()) {
            ClusterNode dead = died(3, "127.0.0.1:2", ShardOwnership.GONE);
            other.setAutoCommit(false);
            statement.execute("SELECT 1 FROM " + schema + ".shard WHERE id = 3 FOR UPDATE");
            assertThat(a.end(dead)).isFalse();
            assertThat(a.look().nodes()).hasSize(2);
            other.rollback();
            died(3, "127.0.0.1:2", ShardOwnership.GONE);
            assertThat(a.end(dead)).isTrue();
            assertThat(a.look().owners()).containsOnlyNulls();
        }
    }

    @Test
    void aNodeThatStartsWhereAnotherListenedEndsWhatThatLeft() throws Exception {
        join("a").close(); // makes the tables
        died(3, at("b"), ShardOwnership.GONE);
        try (SharedShards b = join("b")) {
            assertThat(b.look().nodes()).extracting(ClusterNode::name).containsExactly("b");
            try (Store own = b.take(3).orElseThrow()) {
                insert(own, "1");
            }
        }
    }

    @Test
    void aNodeThatLeavesIsCountedNoMoreAndOneThatComesBackTakesItsOwn() {
        try (SharedShards b = join("b")) {
            SharedShards a = join("a");
            Optional<Store> kept = a.take(0);
            a.leave();
            assertThat(b.look().nodes()).extracting(ClusterNode::name).containsExactly("b");
            assertThat(b.take(0)).isEmpty();
            kept.orElseThrow().close();
            a.close();
            try (SharedShards again = join("a")) {
                assertThat(again.look().nodes()).hasSize(2);
            }
        }
    }

    @Test
    void aSecondNodeOfTheSameNameOrAddressAndOneThatDoesNotShareAreRefused() {
        try (SharedShards a = join("a");
                Store own = a.take(0).orElseThrow()) {
            CompletableFuture<?> same = CompletableFuture.supplyAsync(
                    () -> LedgerStores.join(address("a", "other"), "127.0.0.1:2", BodyCipher.NONE));
            CompletableFuture<?> here =
                    CompletableFuture.supplyAsync(() -> LedgerStores.join(address("b", "b"), at("a"), BodyCipher.NONE));
            CompletableFuture<?> alone =
                    CompletableFuture.supplyAsync(() -> LedgerStores.open(address("c", "third"), BodyCipher.NONE));
            assertThatThrownBy(same::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(StoreOpenException.class)
                    .hasMessageContaining("another node with the name a")
                    .hasMessageContaining("serai.node.name");
            assertThatThrownBy(here::join)
                    .hasCauseInstanceOf(StoreOpenException.class)
                    .hasMessageContaining("node a has the address " + at("a") + " too")
                    .hasMessageContaining("serai.node.host");
            assertThatThrownBy(alone::join)
                    .hasCauseInstanceOf(StoreOpenException.class)
                    .hasMessageContaining("belongs to node a")
                    .hasMessageContaining("serai.node.port and serai.node.secretFile");
            insert(own, "1");
            assertThat(a.look().nodes()).extracting(ClusterNode::name).containsExactly("a");
        }
    }

    @Test
    void aNodeCannotJoinOneThatHasTheLedgerForItself() {
        var stores = LedgerStores.open(address("alone", "alone"), BodyCipher.NONE);
        assertThatThrownBy(() -> join("b"))
                .isInstanceOf(StoreOpenException.class)
                .hasMessageContaining("node alone has it for itself")
                .hasMessageContaining("serai.node.port");
        stores.forEach(Store::close);
    }
}
