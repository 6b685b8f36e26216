package dev.serai.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.JdbcStore;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.support.Patience;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a running ledger, a start on such a copy, and what a ledger with a damaged change delivers. */
class BackupTest {
    private static final TargetName TARGET = new TargetName("orders", "shop");

    @TempDir
    Path folder;

    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(2);
    private final Map<String, String> delivered = new ConcurrentHashMap<>();
    private Subscription subscription;

    @AfterEach
    void stopThreads() {
        scheduler.shutdownNow();
    }

    @Test
    void aRestoredBackupHasAllThatWasAcceptedBeforeItAndDeliversAgainWhatWasDeliveredSince() throws Exception {
        Path copy = folder.resolve("backup.db");
        Set<String> before = Collections.newSetFromMap(new ConcurrentHashMap<>());
        try (Ledger ledger = open(file())) {
            for (int i = 0; i < 300; i++) {
                accept(ledger, i);
                before.add("id-" + i);
            }
            ledger.accept(List.of(change(300)), new Cursor("pull", "page-7", Instant.now()))
                    .get();
            before.add("id-300");
            AtomicBoolean stop = new AtomicBoolean();
            CountDownLatch busy = new CountDownLatch(1);
            Thread source = new Thread(() -> {
                for (int i = 301; !stop.get() && i < 5000; i++) {
                    ledger.accept(change(i)).join();
                    busy.countDown();
                }
            });
            source.start();
            assertThat(busy.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(ledger.backup(copy)).isEmpty();
            stop.set(true);
            source.join();
            deliverAll(ledger); // after the backup
            assertThat(delivered.keySet()).containsAll(before);
        }
        assertThat(copy).exists();
        assertThat(folder.resolve("backup.db.tmp")).doesNotExist();
        assertThat(LedgerFiles.check(copy)).isEmpty();

        Path restored = folder.resolve("restored").resolve("ledger.db");
        Files.createDirectories(restored.getParent());
        Files.copy(copy, restored);
        delivered.clear();
        try (Ledger ledger = open(restored)) {
            deliverAll(ledger);
            assertThat(delivered.keySet()).containsAll(before);
            assertThat(delivered).allSatisfy((id, body) -> assertThat(body).isEqualTo("body of " + id));
            assertThat(ledger.cursor("pull").orElseThrow().value()).isEqualTo("page-7");
            Receipt repeat = ledger.accept(change(7)).get();
            assertThat(repeat.duplicate()).isTrue();
            assertThat(ledger.accept(change(100_000)).get().duplicate()).isFalse();
        }
        assertThat(LedgerFiles.check(restored)).isEmpty();
    }

    @Test
    void aBackupIsNotMixedWithTheWriteAheadFileOfTheLedgerThatWasThereBefore() throws Exception {
        Path copy = folder.resolve("backup.db");
        Path restored = folder.resolve("restored").resolve("ledger.db");
        Path wal = restored.resolveSibling("ledger.db-wal");
        Files.createDirectories(restored.getParent());
        try (Ledger ledger = open(file())) {
            for (int i = 0; i < 50; i++) {
                accept(ledger, i);
            }
            ledger.backup(copy);
            accept(ledger, 50);
            Files.copy(file().resolveSibling("ledger.db-wal"), wal); // as a kill would have left it
        }
        Files.copy(copy, restored);
        byte[] bytes = Files.readAllBytes(restored);
        byte[] walBytes = Files.readAllBytes(wal);

        assertThatThrownBy(() -> open(restored).close())
                .isInstanceOf(StoreOpenException.class)
                .hasMessageContaining("is a backup, and ledger.db-wal beside it")
                .hasMessageContaining("move ledger.db-wal away");
        assertThatThrownBy(() -> LedgerFiles.check(restored)).hasMessageContaining("is a backup");
        assertThat(Files.readAllBytes(restored)).isEqualTo(bytes);
        assertThat(Files.readAllBytes(wal)).isEqualTo(walBytes);

        Files.delete(wal);
        Path crashed = folder.resolve("crashed").resolve("ledger.db");
        Files.createDirectories(crashed.getParent());
        try (Ledger ledger = open(restored)) {
            accept(ledger, 51);
            Files.copy(restored, crashed);
            Files.copy(wal, crashed.resolveSibling("ledger.db-wal"));
        }
        try (Ledger ledger = open(crashed)) { // from its first start on it is a ledger like any other
            assertThat(ledger.accept(change(51)).get().duplicate()).isTrue();
        }
    }

    @Test
    void anExistingFileIsNotOverwritten() throws Exception {
        Path copy = Files.writeString(folder.resolve("backup.db"), "precious");
        try (Ledger ledger = open(file())) {
            accept(ledger, 1);
            assertThatThrownBy(() -> ledger.backup(copy))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("exists");
            assertThatThrownBy(() -> ledger.backup(folder.resolve("none").resolve("backup.db")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("create it");
        }
        assertThat(copy).hasContent("precious");
    }

    @Test
    void whatAnInterruptedBackupLeftIsReplaced() throws Exception {
        Files.writeString(folder.resolve("backup.db.tmp"), "half");
        try (Ledger ledger = open(file())) {
            accept(ledger, 1);
            assertThat(ledger.backup(folder.resolve("backup.db"))).isEmpty();
        }
        assertThat(folder.resolve("backup.db.tmp")).doesNotExist();
    }

    @Test
    void aLedgerThatNoNodeHasOpenIsCopiedToo() throws Exception {
        try (Ledger ledger = open(file())) {
            accept(ledger, 1);
            assertThatThrownBy(() -> LedgerFiles.backupClosed(file(), folder.resolve("backup.db")))
                    .isInstanceOf(StoreOpenException.class);
        }
        assertThat(LedgerFiles.backupClosed(file(), folder.resolve("backup.db")))
                .isEmpty();
        try (JdbcStore store = JdbcStore.open(folder.resolve("backup.db"))) {
            assertThat(store.lastSequence()).isEqualTo(1);
        }
    }

    @Test
    void aBackupToAFullDiskLeavesNothing() throws Exception {
        try (Ledger ledger = open(file())) {
            accept(ledger, 1);
            Files.createDirectory(folder.resolve("backup.db.tmp"));
            Files.createDirectory(folder.resolve("backup.db.tmp").resolve("in the way"));
            assertThatThrownBy(() -> ledger.backup(folder.resolve("backup.db"))).isInstanceOf(StoreException.class);
        }
        assertThat(folder.resolve("backup.db")).doesNotExist();
    }

    @Test
    void aDamagedChangeIsADeadLetterAndTheOthersOfItsKeyAreDelivered() throws Exception {
        try (Ledger ledger = open(file())) {
            for (int i = 0; i < 30; i++) {
                accept(ledger, i);
            }
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE payload SET body = CAST('altered' AS BLOB) WHERE seq = 5");
            statement.execute("DELETE FROM payload WHERE seq = 6");
            statement.execute("UPDATE change SET key = 'k9' WHERE seq = 7");
        }
        try (Ledger ledger = open(file())) {
            deliverAll(ledger);
            assertThat(delivered).hasSize(27).doesNotContainKeys("id-4", "id-5", "id-6");
            assertThat(ledger.dead(DeliveryFilter.ALL, 0, 10))
                    .extracting(letter -> letter.error())
                    .containsExactly(
                            "corrupt: checksum of change 5 does not match",
                            "corrupt: the body of change 6 is missing",
                            "corrupt: checksum of change 7 does not match");
            assertThat(ledger.damage().toString())
                    .startsWith("the ledger is damaged: " + ledger.damage().count() + " found since 20")
                    .contains("of change ", "serai dead list");
            // A repeat of its id is known, although nothing can be compared with it.
            assertThat(ledger.accept(change(4)).get().duplicate()).isTrue();
            assertThat(ledger.change("orders", 5).orElseThrow().damage()).contains("change 5");
            assertThat(ledger.backup(folder.resolve("backup.db"))).anyMatch(problem -> problem.contains("change 5"));
        }
        assertThat(LedgerFiles.check(file()))
                .extracting(LedgerFinding::sequence)
                .contains(5L, 6L, 7L);
    }

    private Path file() {
        return folder.resolve("data").resolve("ledger.db");
    }

    private Ledger open(Path file) {
        Ledger ledger = new Ledger(
                JdbcStore.open(file, 64),
                new LedgerSettings(
                        Limits.DEFAULT,
                        Retention.DEFAULT,
                        new LedgerClock(TimeSource.system()),
                        new Random(1),
                        scheduler,
                        Runnable::run,
                        (target, state, sinceAccepted) -> {}));
        subscription = ledger.subscribe(
                TARGET,
                TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false),
                (changes, done) -> scheduler.execute(() -> {
                    changes.forEach(sending -> {
                        Change change = sending.entry().change();
                        String body = new String(change.body(), StandardCharsets.UTF_8);
                        delivered.put(change.id(), body);
                    });
                    done.accept(new Outcome.Delivered(200, null));
                }),
                new TargetCircuit(TimeSource.system()));
        return ledger;
    }

    private void deliverAll(Ledger ledger) throws InterruptedException {
        subscription.start();
        Awaitility.await().atMost(Duration.ofMillis(Patience.MAX_MILLIS)).until(() -> {
            var status = ledger.flows().get(0).targets().get(0);
            return status.pending() + status.delivering() + status.waiting() + status.parked() == 0;
        });
        subscription.close(Duration.ofSeconds(10));
    }

    private static void accept(Ledger ledger, int number) throws Exception {
        ledger.accept(change(number)).get();
    }

    private static Change change(int number) {
        byte[] body = ("body of id-" + number).getBytes(StandardCharsets.UTF_8);
        return new Change("orders", "id-" + number, "k" + number % 5, null, Operation.UPSERT, null, Map.of(), body);
    }
}
