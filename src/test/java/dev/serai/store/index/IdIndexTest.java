package dev.serai.store.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import dev.serai.store.jdbc.Session;
import dev.serai.store.sqlite.SqliteDialect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding ids and keys in memory, in runs, and while a generation becomes a run. */
class IdIndexTest {
    private static final int RUN_CHANGES = 64;
    private static final String ASKED = "SELECT COUNT(*) FROM run r WHERE NOT EXISTS (SELECT 1 FROM run o WHERE"
            + " o.number > r.number AND o.from_seq <= r.from_seq AND o.to_seq >= r.to_seq)";
    private static final String ENTRIES = "SELECT COALESCE(SUM(LENGTH(entries)), 0) / 16 FROM run_page";
    private static final TargetName TARGET = new TargetName("f", "t");

    @TempDir
    Path folder;

    private Path file;
    private JdbcStore store;

    @BeforeEach
    void open() {
        file = folder.resolve("ledger.db");
        store = JdbcStore.open(file, RUN_CHANGES);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everyIdAndKeyIsFoundAfterEveryCommit() {
        for (int id = 1; id <= 6 * RUN_CHANGES; id += 7) {
            insert(id, id + 6);
            assertAllFound(id + 6);
        }
        assertThat(number("SELECT COUNT(*) FROM run")).isGreaterThanOrEqualTo(4);
        assertThat(number(ENTRIES)).isGreaterThanOrEqualTo(8 * RUN_CHANGES);
    }

    @Test
    void everyIdIsFoundAfterReopeningAtAnyPoint() {
        for (int id = 1; id <= 4 * RUN_CHANGES; id += 11) {
            insert(id, id + 10);
            store.reopen();
            assertAllFound(id + 10);
        }
    }

    @Test
    void anUnfinishedRunIsWrittenAgain() throws Exception {
        insert(1, RUN_CHANGES + 1);
        insert(RUN_CHANGES + 2, RUN_CHANGES + 3);
        assertThat(number("SELECT COUNT(*) FROM run")).isZero();
        assertThat(number(ENTRIES)).isPositive();
        store.close();
        store = JdbcStore.open(file, RUN_CHANGES);

        assertAllFound(RUN_CHANGES + 3);
        purgeNothing();
        assertThat(number(ENTRIES)).isZero();
        for (int id = RUN_CHANGES + 4; id <= 2 * RUN_CHANGES; id++) {
            insert(id, id);
        }
        assertThat(number("SELECT COUNT(*) FROM run")).isEqualTo(1);
        assertAllFound(2 * RUN_CHANGES);
    }

    @Test
    void rolledBackChangesAreNotFound() {
        insert(1, 3 * RUN_CHANGES);
        for (int i = 0; i < 3; i++) {
            try (Transaction transaction = store.begin()) {
                transaction.insert(change(9999), Instant.EPOCH);
                assertThat(transaction.find("f", "9999")).isPresent();
            }
            run(t -> assertThat(t.find("f", "9999")).isEmpty());
        }
        insert(3 * RUN_CHANGES + 1, 5 * RUN_CHANGES);
        assertAllFound(5 * RUN_CHANGES);
    }

    @Test
    void theNewestChangesOfAKeyComeFirstAcrossRunsAndMemory() {
        for (int id = 1; id <= 5 * RUN_CHANGES; id++) {
            insert(id, id);
        }
        List<Entry> all = store.changes(new ChangeQuery("f", "k3", null, 1000));
        assertThat(all).hasSize(5 * RUN_CHANGES / 10);
        assertThat(all.stream().map(entry -> -entry.sequence())).isSorted();
        assertThat(store.changes(new ChangeQuery(null, "k3", null, 7))).hasSize(7);
    }

    @Test
    void theNewestChangeOfAKeyIsFoundInMemoryAndInRuns() {
        insert(1, RUN_CHANGES);
        for (int id = RUN_CHANGES + 1; id <= 5 * RUN_CHANGES; id++) {
            int one = id;
            run(t -> t.insert(
                    new Change("f", "" + one, "hot", null, Operation.UPSERT, null, Map.of(), new byte[1]),
                    Instant.EPOCH));
            run(t -> {
                assertThat(newest(t, "hot", 2)).startsWith((long) one);
                assertThat(newest(t, "k3", 2)).containsExactly(63L, 53L);
                assertThat(newest(t, "nobody", 1)).isEmpty();
            });
        }
        assertThat(number("SELECT COUNT(*) FROM run")).isGreaterThanOrEqualTo(3);
        store.reopen();
        run(t -> assertThat(newest(t, "hot", 1000))
                .hasSize(4 * RUN_CHANGES)
                .isSortedAccordingTo((a, b) -> Long.compare(b, a)));
        run(t -> assertThat(newest(t, "k3", 2)).containsExactly(63L, 53L));
    }

    @Test
    void aKeyIsFoundInRunsThatHaveNoFilterForKeys() throws Exception {
        for (int id = 1; id <= 5 * RUN_CHANGES; id++) {
            insert(id, id);
        }
        store.close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE run SET key_bloom = NULL"))
                    .isPositive();
        }
        store = JdbcStore.open(file, RUN_CHANGES);

        run(t -> assertThat(newest(t, "k3", 1000)).hasSize(5 * RUN_CHANGES / 10));
        run(t -> assertThat(newest(t, "nobody", 1)).isEmpty());
    }

    private static List<Long> newest(Transaction transaction, String key, int limit) {
        return transaction.newest("f", key, limit).stream().map(Entry::sequence).toList();
    }

    @Test
    void runsAreDeletedWithTheirChanges() {
        run(t -> t.addTarget(TARGET, 0));
        int last = 5 * RUN_CHANGES;
        for (int id = 1; id <= last; id++) {
            insert(id, id);
        }
        for (int id = 1; id <= last; id++) {
            settle(id, id == 5 ? DeliveryState.WAITING : DeliveryState.DELIVERED, DeliveryState.PENDING);
        }
        long runs = number("SELECT COUNT(*) FROM run");
        purge();
        assertThat(number("SELECT COUNT(*) FROM run")).isEqualTo(1).isLessThan(runs);
        assertThat(number(ENTRIES)).isEqualTo(2);
        run(t -> assertThat(t.find("f", "5")).hasValue(5));
        run(t -> assertThat(t.find("f", "6")).isEmpty());

        settle(5, DeliveryState.DELIVERED, DeliveryState.WAITING);
        purge();
        assertThat(number("SELECT COUNT(*) FROM run")).isZero();
        assertThat(number("SELECT COUNT(*) FROM change")).isZero();
        store.reopen();
        for (int id = 1; id <= 2 * RUN_CHANGES; id++) {
            int one = id;
            run(t -> assertThat(t.find("f", "" + one)).isEmpty());
        }
    }

    @Test
    void runsAreMergedInTiersSoThatFewAreAsked() {
        long most = 0;
        int last = 80 * RUN_CHANGES;
        for (int id = 1; id <= last; id += 20) {
            insert(id, id + 19);
            most = Math.max(most, number(ASKED));
            if (id % 2000 == 1) {
                assertAllFound(id + 19);
            }
        }
        purgeNothing();
        assertThat(most).isLessThan(24);
        assertThat(number("SELECT COUNT(*) FROM run")).isLessThan(20);
        assertThat(number("SELECT MAX(entries) FROM run")).isGreaterThanOrEqualTo(2 * 64 * RUN_CHANGES);
        assertNothingIsUnowned();
        store.reopen();
        assertAllFound(last);
        run(t -> assertThat(newest(t, "k3", 100_000)).hasSize(last / 10));
    }

    @Test
    void whereThereIsNoRoomForItsCopyAFilterIsReadFromTheDatabase() throws Exception {
        insert(1, 20 * RUN_CHANGES);
        insert(20 * RUN_CHANGES + 1, 21 * RUN_CHANGES);
        purgeNothing();
        store.close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            Session session = new Session(connection, new SqliteDialect(), "test");
            for (Path at : new Path[] {null, folder.resolve("missing"), folder}) {
                IdIndex ids = new IdIndex(RUN_CHANGES, at);
                session.execute("BEGIN");
                ids.load(session);
                assertThat(ids.runs()).hasSizeLessThan(20);
                for (int id = 1; id <= 21 * RUN_CHANGES; id++) {
                    long sequence = id;
                    assertThat(ids.find(session, Hash.of("f", "" + id), found -> found == sequence))
                            .isEqualTo(sequence);
                }
                int asked = 0;
                for (IndexRun run : ids.runs()) {
                    for (int id = 1; id <= 1000; id++) {
                        asked += run.ids().mayContain(session, Hash.of("f", "no" + id)) ? 1 : 0;
                    }
                }
                assertThat(asked).isLessThan(ids.runs().size() * 10);
                session.execute("ROLLBACK");
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(one -> one.getFileName().toString())).noneMatch(name -> name.endsWith(".filter"));
        }
    }

    @Test
    void aMergeThatIsInterruptedAnywhereLosesNothing() {
        SplittableRandom random = new SplittableRandom(7);
        int id = 0;
        while (id < 30 * RUN_CHANGES) {
            for (int commits = random.nextInt(40); commits >= 0; commits--) {
                insert(id + 1, id + 10);
                id += 10;
            }
            if (random.nextBoolean()) {
                purgeNothingOnce();
            }
            store.reopen();
            assertAllFound(id);
        }
        insert(id + 1, id + 3 * RUN_CHANGES);
        purgeNothing();
        assertThat(number("SELECT COUNT(*) FROM run WHERE filter_bits IS NOT NULL"))
                .isPositive();
        assertAllFound(id + 3 * RUN_CHANGES);
        assertNothingIsUnowned();
    }

    @Test
    void aFlowWithAStuckChangeDoesNotKeepTheRunsOfTheOthers() {
        TargetName stuck = new TargetName("stuck", "t");
        run(t -> {
            t.addTarget(TARGET, 0);
            t.addTarget(stuck, 0);
            t.insert(new Change("stuck", "1", "k", null, Operation.UPSERT, null, Map.of(), new byte[1]), Instant.EPOCH);
        });
        int last = 30 * RUN_CHANGES;
        for (int id = 2; id <= last; id += 10) {
            insert(id, Math.min(last, id + 9));
        }
        run(t -> t.position(TARGET, last));
        purge();

        assertThat(number("SELECT COUNT(*) FROM change")).isEqualTo(1);
        assertThat(number("SELECT COUNT(*) FROM run")).isEqualTo(1);
        assertThat(number(ENTRIES)).isEqualTo(2);
        run(t -> assertThat(t.find("stuck", "1")).hasValue(1));
        assertNothingIsUnowned();
    }

    @Test
    void searchingGoesOnWhileRunsAreMergedAndDeleted() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        insert(1, 8 * RUN_CHANGES);
        Thread reader = new Thread(() -> {
            while (!ended.get()) {
                for (int id = 1; id <= 8 * RUN_CHANGES; id += 37) {
                    assertThat(store.changes(new ChangeQuery("f", null, "" + id, 10)))
                            .hasSize(1);
                }
            }
        });
        reader.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
        reader.start();
        for (int id = 8 * RUN_CHANGES + 1; id <= 60 * RUN_CHANGES && failure.get() == null; id += 32) {
            insert(id, id + 31);
            purgeNothingOnce();
        }
        ended.set(true);
        reader.join();
        assertThat(failure.get()).isNull();
    }

    /** What replaced runs and interrupted merges leave behind is deleted in time. */
    private void assertNothingIsUnowned() {
        assertThat(number("SELECT COUNT(*) FROM run_page WHERE run NOT IN (SELECT number FROM run)"))
                .isZero();
        assertThat(number("SELECT COUNT(*) FROM run_filter WHERE run NOT IN"
                        + " (SELECT number FROM run WHERE filter_bits IS NOT NULL)"))
                .isZero();
    }

    private void purgeNothing() {
        int steps = 0;
        while (purgeNothingOnce()) {
            assertThat(++steps).isLessThan(10_000);
        }
    }

    private boolean purgeNothingOnce() {
        try (Transaction transaction = store.begin()) {
            boolean more = transaction.purge(0, Retention.DEFAULT, 20, (target, key, sequence) -> {});
            transaction.commit();
            return more;
        }
    }

    @Test
    void idsWithTheSameHashAreDistinguished() {
        IndexGeneration generation = new IndexGeneration();
        generation.add(1, 42, 7);
        generation.add(2, 42, 7);
        generation.add(3, 43, 7);

        assertThat(generation.find(42, sequence -> sequence == 2)).isEqualTo(2);
        assertThat(generation.find(42, sequence -> sequence == 3)).isZero();
        assertThat(generation.all(IndexKind.ID, 42)).containsExactly(2, 1);
        assertThat(generation.all(IndexKind.KEY, 7)).containsExactly(3, 2, 1);
        assertThat(generation.newest(7, Long.MAX_VALUE)).isEqualTo(3);
        assertThat(generation.newest(7, 3)).isEqualTo(2);
        assertThat(generation.newest(7, 1)).isZero();
        assertThat(generation.newest(8, Long.MAX_VALUE)).isZero();
    }

    @Test
    void manyChangesOfAFewKeysAreFoundWhileTheTableGrows() {
        IndexGeneration generation = new IndexGeneration();
        for (int i = 1; i <= 10_000; i++) {
            generation.add(i, i, i % 3);
        }
        for (int key = 0; key < 3; key++) {
            long sequence = generation.newest(key, Long.MAX_VALUE);
            assertThat(sequence).isEqualTo(10_000 - (10_000 - key) % 3);
            assertThat(generation.newest(key, sequence)).isEqualTo(sequence - 3);
            assertThat(generation.all(IndexKind.KEY, key)).hasSize(key == 1 ? 3_334 : 3_333);
        }
    }

    @Test
    void hashesThatDifferInTheirLowestBitsAreSortedToo() {
        IndexGeneration generation = new IndexGeneration();
        long[] hashes = {7, 5, Long.MIN_VALUE, 6, 5, Long.MAX_VALUE, 5, Long.MIN_VALUE + 1};
        for (int i = 0; i < hashes.length; i++) {
            generation.add(i + 1, hashes[i], 0);
        }

        assertThat(generation.sorted(IndexKind.ID)).containsExactly(2, 7, 1, 4, 6, 3, 0, 5);
        assertThat(generation.sorted(IndexKind.KEY)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void aKeyThatFillsSeveralPagesIsFoundCompletely() {
        run(t -> {
            for (int id = 1; id <= 3 * RUN_CHANGES; id++) {
                t.insert(
                        new Change("f", "" + id, "hot", null, Operation.UPSERT, null, Map.of(), new byte[1]),
                        Instant.EPOCH);
            }
        });
        insert(3 * RUN_CHANGES + 1, 5 * RUN_CHANGES);

        assertThat(number("SELECT COUNT(*) FROM run_page WHERE kind = 1")).isGreaterThan(10);
        assertThat(store.changes(new ChangeQuery("f", "hot", null, 10_000))).hasSize(3 * RUN_CHANGES);
    }

    @Test
    void theFilterFindsEveryHashAndHasFewFalsePositives() {
        int entries = 50_000;
        Bloom bloom = Bloom.forEntries(entries);
        SplittableRandom in = new SplittableRandom(1);
        for (int i = 0; i < entries; i++) {
            bloom.add(in.nextLong());
        }
        Bloom stored = Bloom.read(bloom.write());
        SplittableRandom again = new SplittableRandom(1);
        for (int i = 0; i < entries; i++) {
            assertThat(stored.mayContain(again.nextLong())).isTrue();
        }
        SplittableRandom others = new SplittableRandom(2);
        int wrong = 0;
        for (int i = 0; i < entries; i++) {
            wrong += stored.mayContain(others.nextLong()) ? 1 : 0;
        }
        assertThat(wrong).isLessThan(entries / 400);
    }

    private void assertAllFound(int last) {
        run(t -> {
            for (int id = 1; id <= last; id++) {
                assertThat(t.find("f", "" + id)).hasValue(id);
            }
            assertThat(t.find("f", "" + (last + 1))).isEmpty();
        });
        assertThat(store.changes(new ChangeQuery("f", null, "" + (last + 1) / 2, 10)))
                .hasSize(1);
        assertThat(store.changes(new ChangeQuery("f", "k1", null, 100_000))).hasSize((last + 9) / 10);
    }

    private void insert(int from, int to) {
        run(t -> {
            for (int id = from; id <= to; id++) {
                t.insert(change(id), Instant.EPOCH);
            }
        });
    }

    private void settle(long sequence, DeliveryState state, DeliveryState from) {
        Delivery delivery = new Delivery(TARGET, state, 1, Instant.EPOCH, Instant.EPOCH, null, null);
        run(t -> t.settle(sequence, Hash.of("k"), from, delivery));
    }

    private void purge() {
        boolean more = true;
        while (more) {
            try (Transaction transaction = store.begin()) {
                more = transaction.purge(
                        0, new Retention(Duration.ZERO, Duration.ofDays(1)), 20, (target, key, sequence) -> {});
                transaction.commit();
            }
        }
    }

    private void run(Consumer<Transaction> work) {
        try (Transaction transaction = store.begin()) {
            work.accept(transaction);
            transaction.commit();
        }
    }

    private static Change change(int id) {
        return new Change("f", "" + id, "k" + id % 10, null, Operation.UPSERT, null, Map.of(), new byte[1]);
    }

    private long number(String query) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.getLong(1);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
