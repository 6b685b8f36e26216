package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import dev.serai.store.crypt.BodyCipher;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log's segments, with 64 changes each. */
class PostgresSegmentsTest {
    private static final int CHANGES = 64;
    private static final Retention KEPT = new Retention(Duration.ofDays(7), Duration.ofDays(90));
    private static final TargetName SHOP = new TargetName("orders", "shop");

    @TempDir
    Path data;

    private final String schema = TestServer.newSchema();

    private JdbcStore open() {
        return JdbcStore.open(
                PostgresLedger.open(List.of(TestServer.address(schema)), 1, "test", data, CHANGES)
                        .get(0),
                32,
                BodyCipher.NONE);
    }

    @Test
    void retentionDropsWholeSegments() throws Exception {
        try (JdbcStore store = open()) {
            run(store, t -> t.addTarget(SHOP, 0));
            insert(store, 1, 300, DeliveryState.DELIVERED);
            assertThat(partitions()).isGreaterThanOrEqualTo(5);

            purge(store, Duration.ZERO);
            assertThat(store.entry(1)).as("not past its retention").isPresent();
            purge(store, KEPT.settled());

            assertThat(store.entry(1)).isEmpty();
            assertThat(store.entry(200)).isEmpty();
            assertThat(partitions())
                    .as("that which grows, and perhaps the next")
                    .isLessThanOrEqualTo(2);
            assertThat(store.flows().get(0).accepted()).isEqualTo(300);
        }
        try (JdbcStore store = open()) {
            insert(store, 301, 310, DeliveryState.DELIVERED);
            assertThat(store.lastSequence()).isGreaterThan(300);
        }
    }

    @Test
    void whatATargetStillNeedsOutlivesItsSegment() throws Exception {
        try (JdbcStore store = open()) {
            run(store, t -> t.addTarget(SHOP, 0));
            insert(store, 1, 9, DeliveryState.DELIVERED);
            insert(store, 10, 10, DeliveryState.WAITING);
            insert(store, 11, 11, DeliveryState.DEAD);
            insert(store, 12, 12, null);
            insert(store, 13, 300, DeliveryState.DELIVERED);

            purge(store, Duration.ZERO);
            purge(store, KEPT.settled());
            assertThat(store.entry(9)).isEmpty();
            assertThat(store.entry(13)).isEmpty();
            for (long kept = 10; kept <= 12; kept++) {
                assertThat(store.entry(kept)).isPresent();
            }
            assertThat(store.pending(SHOP, 0, 10, 1 << 20)).hasSize(1);
            assertThat(store.due(SHOP, Instant.EPOCH.plusSeconds(1), 10, 1 << 20))
                    .hasSize(1);

            run(store, t -> {
                t.settle(10, Hash.of("k10"), DeliveryState.WAITING, delivered());
                t.settle(12, Hash.of("k12"), DeliveryState.PENDING, delivered());
                t.settle(
                        11,
                        Hash.of("k11"),
                        DeliveryState.DEAD,
                        new Delivery(SHOP, DeliveryState.DISCARDED, 1, null, Instant.EPOCH, null, null));
            });
            purge(store, KEPT.settled());
            assertThat(store.entry(10)).isEmpty();
            assertThat(partitions()).as("the rewritten one is empty").isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aTableThatSomebodyReadsIsDroppedLater() throws Exception {
        try (JdbcStore store = open();
                Connection reader = DriverManager.getConnection(TestServer.url());
                Statement statement = reader.createStatement()) {
            run(store, t -> t.addTarget(SHOP, 0));
            insert(store, 1, 200, DeliveryState.DELIVERED);
            purge(store, Duration.ZERO);
            reader.setAutoCommit(false);
            statement
                    .executeQuery("SELECT count(*) FROM " + schema + "_00.change")
                    .close();

            purge(store, KEPT.settled());
            assertThat(store.entry(1)).isPresent();
            reader.rollback();
            purge(store, KEPT.settled());
            assertThat(store.entry(1)).isEmpty();
        }
    }

    private static Delivery delivered() {
        return new Delivery(SHOP, DeliveryState.DELIVERED, 1, null, Instant.EPOCH, null, null);
    }

    /** @param state null for no delivery */
    private static void insert(JdbcStore store, int from, int to, DeliveryState state) {
        for (int first = from; first <= to; first += 10) {
            int start = first;
            run(store, t -> {
                for (int i = start; i < start + 10 && i <= to; i++) {
                    Change change = new Change(
                            "orders", "" + i, "k" + i, null, Operation.UPSERT, null, Map.of(), new byte[] {1});
                    long sequence = t.insert(change, Instant.EPOCH);
                    if (state != null) {
                        boolean waits = state == DeliveryState.WAITING;
                        t.settle(
                                sequence,
                                Hash.of("k" + i),
                                DeliveryState.PENDING,
                                new Delivery(
                                        SHOP,
                                        state,
                                        1,
                                        waits ? Instant.EPOCH : null,
                                        waits ? null : Instant.EPOCH,
                                        null,
                                        null));
                    }
                }
            });
        }
    }

    private static void run(JdbcStore store, Consumer<Transaction> work) {
        try (Transaction transaction = store.begin()) {
            work.accept(transaction);
            transaction.commit();
        }
    }

    /** As long as there is something to do, at most so often that it would be done. */
    private static void purge(JdbcStore store, Duration running) {
        boolean[] more = {true};
        for (int i = 0; more[0] && i < 100; i++) {
            run(store, t -> more[0] = t.purge(running.toMillis(), KEPT, 50, (target, key, sequence) -> {}));
        }
    }

    private int partitions() throws SQLException {
        try (Connection connection = DriverManager.getConnection(TestServer.url());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_inherits i WHERE i.inhparent = '"
                        + schema + "_00.change'::regclass")) {
            row.next();
            return row.getInt(1);
        }
    }
}
