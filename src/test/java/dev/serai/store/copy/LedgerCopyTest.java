package dev.serai.store.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.postgres.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerCopyTest {
    private static final TargetName SHOP = new TargetName("orders", "shop");
    private static final TargetName ERP = new TargetName("orders", "erp");
    private static final Instant T0 = Instant.parse("2026-01-31T08:00:00Z");
    private static final int CHANGES = 60;
    private static final int AUDITED = 2_500;
    /** So small that there are runs of the id index. */
    private static final int RUN = 16;

    private static final AuditQuery WHOLE_AUDIT = new AuditQuery(null, null, null, null, Long.MAX_VALUE, 10_000);

    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();
    private final List<String> progress = new ArrayList<>();

    // ---- A ledger with something in each table

    private static void run(Store store, Consumer<Transaction> work) {
        try (Transaction transaction = store.begin()) {
            work.accept(transaction);
            transaction.commit();
        }
    }

    private static Change change(int number) {
        return new Change(
                number % 3 == 0 ? "refunds" : "orders",
                "id " + number,
                "key \u00fc" + number % 7,
                String.valueOf(number),
                number % 10 == 0 ? Operation.DELETE : Operation.UPSERT,
                "application/json",
                Map.of("A", "1\n2", "B", "\u00e9"),
                new byte[] {0, (byte) number, -1});
    }

    private static void fill(Store store) {
        run(store, transaction -> {
            transaction.addTarget(SHOP, 0);
            transaction.addTarget(ERP, 0);
            transaction.addTarget(new TargetName("refunds", "away"), 0);
        });
        for (int number = 1; number <= CHANGES; number++) {
            int now = number;
            run(store, transaction -> insert(transaction, now));
        }
        run(store, transaction -> {
            transaction.duplicate("orders");
            transaction.position(SHOP, 40);
            transaction.removeTarget(new TargetName("refunds", "away"));
            transaction.pause(ERP, new Pause(false, T0, "me", "a test"));
            transaction.cursor(new Cursor("pull", "{\"at\":17}", T0));
            transaction.deliveredVersion(SHOP, "key \u00fc1", "7");
            DeliveryFilter filter =
                    new DeliveryFilter("orders", "shop", List.of("a\nb"), List.of(3L), "no", 5L, 400, T0, T0);
            transaction.replay(new Replay(3, filter, 0.25, ReplayState.STOPPED, T0, T0, "enough", 9, 8, 7, 6));
            for (int i = 0; i < AUDITED; i++) {
                transaction.audit(
                        AuditEntry.of("me", "retry", "orders/shop", "{\"keys\":[" + i + "]}", 1L, "because", "done")
                                .at(T0.plusSeconds(i)),
                        Instant.EPOCH,
                        1_000_000);
            }
            HistoryCounts counts = new HistoryCounts(1, 2, 3, 4, 5, 6, 7);
            transaction
                    .history()
                    .add(T0, List.of(new HistoryRow(null, null, counts), new HistoryRow("orders", "shop", counts)));
            transaction
                    .history()
                    .stateChanges(List.of(new StateChange(T0, "orders", "shop", "ok", "down")), Instant.EPOCH, 100);
            transaction
                    .history()
                    .addChains(
                            T0,
                            List.of(new ChainRows(
                                    "orders",
                                    "shop",
                                    Map.of(1, 2L),
                                    List.of(new ChainRows.PeriodRow("up", T0, T0.plusSeconds(9), true)),
                                    List.of(new ChainRows.ScoreRow(0, 3, 0.1, 1 / 3.0)))));
        });
    }

    private static void insert(Transaction transaction, int number) {
        Change change = change(number);
        long sequence = transaction.insert(change, T0.plusMillis(number));
        if (!change.flow().equals("orders") || sequence > 40) {
            return;
        }
        Delivery delivery =
                switch (number % 4) {
                    case 0 -> new Delivery(SHOP, DeliveryState.DEAD, 3, null, T0, 400, "no \0 " + number);
                    case 1 -> new Delivery(SHOP, DeliveryState.WAITING, 2, T0.plusSeconds(9), null, 503, "later");
                    default -> new Delivery(SHOP, DeliveryState.DELIVERED, 1, null, T0, 200, null);
                };
        transaction.settle(sequence, Hash.of(change.key()), DeliveryState.PENDING, delivery);
        if (delivery.error() != null) {
            Attempt.Transcript transcript = new Attempt.Transcript("POST /x", number % 8 == 0 ? null : "no");
            transaction.attempt(sequence, new Attempt(SHOP, 1, T0, 503, "later", transcript));
        }
    }

    // ---- What can be read of it

    private static Map<String, Object> all(Store store) {
        return Map.of(
                "flows",
                store.flows(),
                "targets",
                store.targets().stream()
                        .map(name -> name + " " + store.counts(name))
                        .toList(),
                "changes",
                store.changes(new ChangeQuery(null, null, null, 1_000)).stream()
                        .map(entry -> text(store.entry(entry.sequence()).orElseThrow(), store))
                        .toList(),
                "dead",
                store.dead(DeliveryFilter.ALL, 0, 1_000),
                "cursors",
                store.cursors(),
                "audit",
                store.audit(WHOLE_AUDIT),
                "replays",
                store.replays(),
                "history",
                List.of(
                        store.history().points(history(null, null)),
                        store.history().points(history("orders", "shop")),
                        store.history().lastStates(),
                        new TreeSet<>(store.history().delivered().stream()
                                .map(Object::toString)
                                .toList())),
                "causes",
                store.causes(SHOP, DeliveryState.DEAD, Instant.EPOCH),
                "clock",
                store.clock());
    }

    private static HistoryQuery history(@Nullable String flow, @Nullable String target) {
        return new HistoryQuery(HistoryStep.MINUTE, flow, target, T0.minusSeconds(600), T0.plusSeconds(600));
    }

    private static String text(Entry entry, Store store) {
        Change change = entry.change();
        return entry.sequence() + " " + entry.acceptedAt() + " " + change.flow() + " " + change.id() + " "
                + change.key() + " " + change.version() + " " + change.operation() + " " + change.contentType() + " "
                + change.headers() + " " + Arrays.toString(change.body()) + " "
                + store.deliveries(entry.sequence()) + " "
                + store.attempts(entry.sequence());
    }

    /** PostgreSQL has no NUL in texts. */
    private static String shown(Map<String, Object> all) {
        return all.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining("\n"))
                .replace('\0', '\uFFFD');
    }

    // ---- Copying

    private LedgerAddress file(String name) {
        return address("jdbc:sqlite:" + folder.resolve(name));
    }

    private LedgerAddress server() {
        return address(TestServer.url());
    }

    private LedgerAddress address(String url) {
        return new LedgerAddress(url, null, null, schema, 1, "test", folder.resolve("data"));
    }

    private List<LedgerCopy.CopiedRows> copy(LedgerAddress from, LedgerAddress to) {
        return new LedgerCopy(from, to, progress::add).run();
    }

    private String filled(String name) {
        try (JdbcStore store = JdbcStore.open(folder.resolve(name), RUN)) {
            fill(store);
            return shown(all(store));
        }
    }

    @Test
    void whatIsReadOfACopyInPostgresqlAndBackInAFileIsTheSame() {
        String original = filled("ledger.db");
        List<LedgerCopy.CopiedRows> there = copy(file("ledger.db"), server());
        try (JdbcStore store = TestServer.open(schema, folder.resolve("data"), RUN)) {
            assertThat(shown(all(store))).isEqualTo(original);
        }
        List<LedgerCopy.CopiedRows> back = copy(server(), file("back.db"));
        try (JdbcStore store = JdbcStore.open(folder.resolve("back.db"), RUN)) {
            assertThat(shown(all(store))).isEqualTo(original);
        }
        assertThat(there).extracting(LedgerCopy.CopiedRows::rows).contains((long) CHANGES, (long) AUDITED);
        assertThat(back)
                .filteredOn(one -> !one.table().equals("clock"))
                .isEqualTo(there.stream()
                        .filter(one -> !one.table().equals("clock"))
                        .toList());
        assertThat(folder.resolve("back.db.copy")).doesNotExist();
    }

    @Test
    void aCopyKnowsItsIdsAndCountsOn() {
        filled("ledger.db");
        copy(file("ledger.db"), server());
        try (JdbcStore store = TestServer.open(schema, folder.resolve("data"), RUN)) {
            run(store, transaction -> {
                assertThat(transaction.find("orders", "id 1")).hasValue(1);
                assertThat(transaction.find("orders", "id 59")).hasValue(59);
                assertThat(transaction.find("orders", "new")).isEmpty();
                assertThat(transaction.newest("orders", change(59).key(), 1)).hasSize(1);
                assertThat(transaction.insert(change(CHANGES + 1), T0)).isEqualTo(CHANGES + 1);
                transaction.attempt(CHANGES + 1, new Attempt(SHOP, 1, T0, 503, "later"));
                long id = transaction.audit(
                        AuditEntry.of("me", "skip", "x", null, null, null, "done")
                                .at(T0),
                        Instant.EPOCH,
                        1_000_000);
                assertThat(id).isGreaterThan(AUDITED);
            });
            assertThat(store.attempts(CHANGES + 1)).hasSize(1);
        }
    }

    @Test
    void anInterruptedCopyIsNoLedgerAndGoesOnWhereItWas() {
        String original = filled("ledger.db");
        List<Consumer<String>> cuts = List.of(cutAt("copied 1000 rows of audit"), cutAt("compared 60 rows of change"));
        for (LedgerAddress to : List.of(server(), file("back.db"))) {
            LedgerAddress from = to.isPostgres() ? file("ledger.db") : server();
            for (Consumer<String> cut : cuts) {
                assertThatThrownBy(() -> new LedgerCopy(from, to, cut, 1_000).run())
                        .hasMessage("cut");
                assertThat(folder.resolve("back.db")).doesNotExist();
                assertThatThrownBy(() -> copy(to, file("other.db"))).isInstanceOf(IllegalArgumentException.class);
            }
            progress.clear();
            new LedgerCopy(from, to, progress::add, 1_000).run();
            assertThat(progress).doesNotContain("copied 60 rows of change", "copied 1000 rows of audit");
        }
        try (JdbcStore store = JdbcStore.open(folder.resolve("back.db"), RUN)) {
            assertThat(shown(all(store))).isEqualTo(original);
        }
    }

    private static Consumer<String> cutAt(String line) {
        return done -> {
            if (done.equals(line)) {
                throw new IllegalStateException("cut");
            }
        };
    }

    @Test
    void aBegunCopyOfAnotherLedgerIsNotUsed() {
        filled("ledger.db");
        assertThatThrownBy(() -> new LedgerCopy(file("ledger.db"), server(), cutAt("copied 60 rows of change")).run())
                .hasMessage("cut");
        try (JdbcStore store = JdbcStore.open(folder.resolve("other.db"), RUN)) {
            run(store, transaction -> transaction.insert(change(1), T0));
        }
        assertThatThrownBy(() -> copy(file("other.db"), server()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("the copy differs: table");
        assertThatThrownBy(() -> copy(server(), file("back.db"))).hasMessageContaining("there is no ledger at");
    }

    @Test
    void nothingIsCopiedOverALedgerOrFromOneThatIsOpen() throws Exception {
        filled("ledger.db");
        Files.createFile(folder.resolve("there.db"));
        try (JdbcStore node = TestServer.open(schema, folder.resolve("node"), RUN)) {
            assertThat(node.lastSequence()).isZero();
            assertThatThrownBy(() -> copy(file("ledger.db"), server()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("exists already");
            assertThatThrownBy(() -> copy(server(), file("back.db"))).isInstanceOf(StoreOpenException.class);
        }
        assertThatThrownBy(() -> copy(server(), file("there.db"))).hasMessageContaining("exists already");
        LedgerAddress empty = new LedgerAddress(
                TestServer.url(), null, null, TestServer.newSchema(), 1, "test", folder.resolve("data"));
        try (JdbcStore node = JdbcStore.open(folder.resolve("ledger.db"), RUN)) {
            assertThat(node.lastSequence()).isEqualTo(CHANGES);
            assertThatThrownBy(() -> copy(file("ledger.db"), empty)).isInstanceOf(StoreOpenException.class);
        }
        assertThatThrownBy(() -> copy(file("ledger.db"), file("back.db")))
                .hasMessageContaining("one of the ledgers must be in SQLite");
        assertThatThrownBy(() -> copy(file("missing.db"), empty)).hasMessageContaining("there is no ledger at");
    }

    @Test
    void aLedgerOfSeveralShardsHasNoPlaceInAFile() {
        LedgerAddress two = new LedgerAddress(TestServer.url(), null, null, schema, 2, "test", folder.resolve("data"));
        LedgerStores.open(two, BodyCipher.NONE).forEach(Store::close);
        assertThatThrownBy(() -> copy(two, file("back.db"))).hasMessageContaining("has 2 shards");
    }

    /** So that a table of a later version is not left out. */
    @Test
    void everyTableIsCopied() throws Exception {
        filled("ledger.db");
        Set<String> copied =
                CopiedTable.ALL.stream().map(CopiedTable::name).collect(Collectors.toCollection(TreeSet::new));
        copied.add("migration");
        try (Connection file = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"))) {
            assertThat(tables(file, "SELECT name FROM sqlite_master WHERE type = 'table'"))
                    .isEqualTo(copied);
        }
        TestServer.open(schema, folder.resolve("data"), RUN).close();
        copied.add("segment"); // of the database itself
        try (Connection server = DriverManager.getConnection(TestServer.url())) {
            assertThat(tables(
                            server,
                            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '"
                                    + schema + "_00' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"))
                    .isEqualTo(copied);
        }
    }

    private static Set<String> tables(Connection connection, String query) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
