package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.cluster.TakenOverException;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.postgres.CutProxy.Cut;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server and a network do to a ledger, and what is left of it then. */
class PostgresFailureTest {
    @TempDir
    Path data;

    @TempDir
    Path otherData;

    private final String schema = TestServer.newSchema();
    private CutProxy proxy;
    private JdbcStore store;

    @BeforeEach
    void open() throws Exception {
        TestServer.url();
        proxy = new CutProxy(TestServer.port());
        store = open(address(proxy.port()), data);
        insert("first");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
        proxy.close();
    }

    private PostgresAddress address(int port) {
        return new PostgresAddress(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres", null, null, schema);
    }

    private static JdbcStore open(PostgresAddress address, Path folder) {
        return JdbcStore.open(
                PostgresLedger.open(List.of(address), 1, "test", folder).get(0), 1 << 10, BodyCipher.NONE);
    }

    @Test
    void whoAsksForSizesAgainAndAgainMakesOneConnection() {
        int before = proxy.accepted();
        for (int i = 0; i < 10; i++) {
            assertThat(store.space()).isNotNull();
        }
        assertThat(proxy.accepted()).isLessThanOrEqualTo(before + 2); // ten seconds may pass
    }

    @Test
    void aCommitThatNeverReachedTheServerIsNotThere() {
        proxy.cutOnce(Cut.BEFORE_COMMIT);
        assertThatThrownBy(() -> insert("lost")).isInstanceOf(StoreAwayException.class);
        assertThatThrownBy(store::begin).isInstanceOf(StoreException.class).hasMessageContaining("reopen");

        store.reopen();
        assertThat(find("lost")).isFalse();
        insert("lost");
        assertThat(find("lost")).isTrue();
        assertThat(store.lastSequence()).isEqualTo(2);
    }

    @Test
    void aCommitWhoseAnswerIsLostIsKnownByItsId() {
        proxy.cutOnce(Cut.AFTER_COMMIT);
        assertThatThrownBy(() -> insert("unknown")).isInstanceOf(StoreAwayException.class);

        store.reopen();
        assertThat(find("unknown")).isTrue();
        insert("next");
        assertThat(store.lastSequence()).isEqualTo(3);
    }

    @Test
    void aServerThatIsAwayForAWhileIsFoundAgain() {
        proxy.refuse(true);
        assertThatThrownBy(() -> insert("2")).isInstanceOf(StoreAwayException.class);
        assertThatThrownBy(store::reopen).isInstanceOf(StoreAwayException.class);
        assertThatThrownBy(() -> store.entry(1)).isInstanceOf(StoreException.class);

        proxy.refuse(false);
        store.reopen();
        assertThat(find("2")).isFalse();
        insert("2");
        assertThat(store.entry(1)).isPresent();
    }

    /** As an immediate restart does. */
    @Test
    void connectionsThatTheServerEndsAreOpenedAgain() throws Exception {
        store.entry(1); // so that there is one that reads
        TestServer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'serai "
                + schema + " %'");
        assertThatThrownBy(() -> insert("2")).isInstanceOf(StoreAwayException.class);
        assertThatThrownBy(() -> store.entry(1)).isInstanceOf(StoreException.class);

        store.reopen();
        insert("2");
        assertThat(store.entry(1)).isPresent();
    }

    @Test
    void aTableThatSomebodyLocksEndsTheWaitNotTheLedger() throws Exception {
        try (Connection other = DriverManager.getConnection(TestServer.url());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE " + schema + "_00.change IN ACCESS EXCLUSIVE MODE");
            assertThatThrownBy(() -> insert("2"))
                    .isInstanceOf(StoreAwayException.class)
                    .hasMessageContaining("lock timeout");
        }
        store.reopen();
        assertThat(find("2")).isFalse();
        insert("2");
    }

    @Test
    void aLeaseWhoseRowSomebodyHoldsIsNotTakenToBeRenewed() throws Exception {
        try (Connection other = DriverManager.getConnection(TestServer.url());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT 1 FROM " + schema + ".shard WHERE id = 0 FOR UPDATE");
            await().untilAsserted(() -> assertThat(store.lapse()).contains("another node may own the ledger"));
            other.rollback();
            await().untilAsserted(() -> assertThat(store.lapse()).isNull());
        }
    }

    @Test
    void aValueThatTheServerRefusesIsRefusedAlone() {
        String name = new Random(1)
                .ints(20_000, 'a', 'z')
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining());
        try (Transaction transaction = store.begin()) {
            transaction.cursor(new Cursor(name, "1", Instant.EPOCH));
            transaction.commit();
            fail("an index of PostgreSQL does not take it");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("cannot store a value").hasMessageNotContaining(name);
        }
        insert("2");
        assertThat(store.lastSequence()).isEqualTo(2);
    }

    @Test
    void aNulInATextIsReplacedBecausePostgresHasNone() {
        TargetName shop = new TargetName("orders", "shop");
        try (Transaction transaction = store.begin()) {
            transaction.addTarget(shop, 0);
            transaction.settle(
                    1,
                    Hash.of("k"),
                    DeliveryState.PENDING,
                    new Delivery(shop, DeliveryState.DEAD, 1, null, Instant.EPOCH, 500, "no\0 more"));
            transaction.commit();
        }
        assertThat(store.dead(DeliveryFilter.ALL, 0, 10)).singleElement().satisfies(letter -> assertThat(letter.error())
                .isEqualTo("no\uFFFD more"));
    }

    @Test
    void anOwnerThatWasReplacedWritesNothingAndEnds() throws Exception {
        // It died, for all that others know, and renews nothing that is of another owner.
        TestServer.execute("UPDATE " + schema + ".shard SET owner = 'another', until = '-infinity'");
        try (JdbcStore other = open(TestServer.address(schema), otherData)) {
            insert(other, "of the new owner");
            assertThatThrownBy(() -> insert("of the old owner")).isInstanceOf(StoreAwayException.class);
            assertThatThrownBy(store::reopen)
                    .isInstanceOf(TakenOverException.class)
                    .hasMessageContaining("belongs to node test");
            assertThat(find(other, "of the old owner")).isFalse();
            assertThat(other.lastSequence()).isEqualTo(2);
            assertThat(other.lapse()).isNull();
            await().untilAsserted(() -> assertThat(store.lapse())
                    .startsWith("nothing is delivered any more: the ledger was taken over, it belongs to node test"));
        }
    }

    @Test
    void aNodeThatCannotRenewItsLeaseKnowsThatAnotherMayTakeOver() {
        assertThat(store.lapse()).isNull();
        proxy.refuse(true);
        await().until(() -> store.lapse() != null);
        assertThat(store.lapse()).contains("another node may own the ledger by now", "was renewed", "then:");

        proxy.refuse(false);
        await().until(() -> store.lapse() == null);
    }

    @Test
    void theFenceRefusesACommitThatBeganBeforeTheTakeover() throws Exception {
        try (Transaction late = store.begin()) {
            late.insert(change("late"), Instant.EPOCH);
            TestServer.execute("UPDATE " + schema + ".shard SET epoch = epoch + 1");
            assertThatThrownBy(late::commit)
                    .isInstanceOf(StoreAwayException.class)
                    .hasMessageContaining("taken over");
        }
        store.reopen();
        assertThat(find("late")).isFalse();
    }

    private void insert(String id) {
        insert(store, id);
    }

    private static void insert(JdbcStore store, String id) {
        try (Transaction transaction = store.begin()) {
            transaction.insert(change(id), Instant.EPOCH);
            transaction.commit();
        }
    }

    private boolean find(String id) {
        return find(store, id);
    }

    private static boolean find(JdbcStore store, String id) {
        try (Transaction transaction = store.begin()) {
            return transaction.find("orders", id).isPresent();
        }
    }

    private static Change change(String id) {
        return new Change("orders", id, "k", null, Operation.UPSERT, null, Map.of(), new byte[] {1});
    }
}
