package dev.serai.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger that lacks its write-ahead file is refused, and no other. */
class CheckpointTest {
    @TempDir
    Path folder;

    private Path file;
    private int copies;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("data").resolve("ledger.db");
    }

    @Test
    void aCopyWithoutItsWriteAheadFileIsRefusedAndNotChanged() throws Exception {
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 50);
            Path copy = copyAlone();
            byte[] before = Files.readAllBytes(copy);
            StoreOpenException refusal = catchThrowableOfType(
                    StoreOpenException.class, () -> JdbcStore.open(copy).close());
            assertThat(refusal).isNotNull();
            assertThat(refusal.reason()).isEqualTo(OpenProblem.DAMAGED);
            assertThat(refusal).hasMessageContaining("serai backup").hasMessageContaining("ledger.db-wal");
            assertThat(Files.readAllBytes(copy)).isEqualTo(before);
        }
    }

    @Test
    void everyCopyWithoutItsWriteAheadFileIsRefusedWhileCheckpointsRun() throws Exception {
        try (JdbcStore store = JdbcStore.open(file)) {
            long walBytes = 0;
            boolean reused = false;
            for (int i = 0; i < 100; i++) {
                insertBig(store, i);
                long bytes = Files.size(wal(file));
                reused |= bytes == walBytes;
                walBytes = bytes;
                if (i % 10 == 9) {
                    Path copy = copyAlone();
                    assertThat(Checkpoint.lacksWal(copy, wal(copy)))
                            .as("copy after %d", i)
                            .isTrue();
                    Files.delete(copy);
                }
            }
            assertThat(reused)
                    .as("a checkpoint let SQLite begin the file again")
                    .isTrue();
            assertThat(walBytes).isLessThan(160L << 20);
        }
    }

    @Test
    void aCrashAtAnyStepOfACheckpointIsNoReasonToRefuse() throws Exception {
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 10);
            for (String step :
                    new String[] {"PRAGMA user_version=1", "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA user_version=2"}) {
                try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
                    value(connection, step);
                }
                Path copy = copyWithWal();
                try (JdbcStore opened = JdbcStore.open(copy)) {
                    assertThat(opened.lastSequence()).as(step).isEqualTo(10);
                }
                JdbcStore.open(copy).close();
            }
        }
    }

    @Test
    void aWriteAheadFileThatPowerLossEmptiedAfterACheckpointIsNoReasonToRefuse() throws Exception {
        Path copy;
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 10);
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
                value(connection, "PRAGMA user_version=1");
                value(connection, "PRAGMA wal_checkpoint(PASSIVE)");
            }
            copy = copyWithWal();
        }
        try (RandomAccessFile raw = new RandomAccessFile(wal(copy).toFile(), "rw")) {
            raw.write(new byte[32]); // the header is written first when SQLite begins the file again
        }
        try (JdbcStore opened = JdbcStore.open(copy)) {
            assertThat(opened.lastSequence()).isEqualTo(10);
        }
    }

    @Test
    void anotherProgramThatClosesALedgerAfterACrashLeavesItComplete() throws Exception {
        Path copy;
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 10);
            copy = copyWithWal();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy)) {
            assertThat(value(connection, "SELECT COUNT(*) FROM change")).isEqualTo("10");
        }
        assertThat(wal(copy)).doesNotExist();
        try (JdbcStore opened = JdbcStore.open(copy)) {
            assertThat(opened.lastSequence()).isEqualTo(10);
        }
    }

    @Test
    void aClosedLedgerIsCompleteAlsoIfSettingItsMarkHadFailed() throws Exception {
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 10);
            // As if the disk had been full after the checkpoint.
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
                value(connection, "PRAGMA user_version=1");
            }
        }
        assertThat(wal(file)).doesNotExist();
        try (JdbcStore opened = JdbcStore.open(file)) {
            assertThat(opened.lastSequence()).isEqualTo(10);
        }
    }

    @Test
    void aReopenedLedgerIsMarkedAgain() throws Exception {
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 10);
            store.reopen();
            insert(store, 11, 20);
            Path alone = copyAlone();
            assertThat(Checkpoint.lacksWal(alone, wal(alone))).isTrue();
            try (JdbcStore opened = JdbcStore.open(copyWithWal())) {
                assertThat(opened.lastSequence()).isEqualTo(20);
            }
        }
    }

    @Test
    void aLedgerOfAnEarlierProgramHasNoMark() throws Exception {
        JdbcStore.open(file).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            value(connection, "PRAGMA user_version=0");
        }
        JdbcStore.open(file).close();
    }

    @Test
    void whatIsLeftCanBeAcceptedExplicitly() throws Exception {
        Path copy;
        try (JdbcStore store = JdbcStore.open(file)) {
            insert(store, 1, 10);
            store.reopen(); // with a checkpoint
            insert(store, 11, 20);
            copy = copyAlone();
        }
        assertThat(LedgerFiles.accept(copy)).isTrue();
        assertThat(LedgerFiles.accept(copy)).isFalse();
        try (JdbcStore opened = JdbcStore.open(copy)) {
            assertThat(opened.lastSequence()).isEqualTo(10);
        }
    }

    private Path copyAlone() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy" + copies++)).resolve("ledger.db");
        // By another process, because closing the file in this one would release SQLite's locks.
        return copyByShell(file, copy);
    }

    private Path copyWithWal() throws IOException {
        Path copy = copyAlone();
        copyByShell(wal(file), wal(copy));
        return copy;
    }

    private static Path copyByShell(Path from, Path to) throws IOException {
        try {
            assertThat(new ProcessBuilder("cp", from.toString(), to.toString())
                            .start()
                            .waitFor())
                    .isZero();
            return to;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static Path wal(Path ledger) {
        return ledger.resolveSibling(ledger.getFileName() + "-wal");
    }

    private static void insert(JdbcStore store, int from, int to) {
        for (int id = from; id <= to; id++) {
            insert(store, id, new byte[1000]);
        }
    }

    /** A megabyte. */
    private static void insertBig(JdbcStore store, int id) {
        insert(store, id, new byte[1 << 20]);
    }

    private static void insert(JdbcStore store, int id, byte[] body) {
        try (Transaction transaction = store.begin()) {
            transaction.insert(
                    new Change("f", "" + id, "k", null, Operation.UPSERT, null, Map.of(), body), Instant.EPOCH);
            transaction.commit();
        }
    }

    private static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(query)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? rows.getString(1) : "";
            }
        }
    }
}
