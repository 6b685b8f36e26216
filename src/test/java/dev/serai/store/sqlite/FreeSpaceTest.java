package dev.serai.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file of a ledger does when its changes are deleted. */
class FreeSpaceTest {
    private static final int CHANGES = 60;
    private static final int BODY_BYTES = 500_000;
    private static final long RETENTION_MILLIS = 1000;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameIt() {
        file = folder.resolve("ledger.db");
    }

    @Test
    void theFileShrinksWhenChangesAreDeleted() throws Exception {
        fillAndPurge();

        assertThat(Files.size(file)).isLessThan(CHANGES * BODY_BYTES / 3);
        try (JdbcStore store = JdbcStore.open(file)) {
            assertThat(store.entry(CHANGES).orElseThrow().damage()).isNull();
        }
        assertThat(LedgerFiles.check(file)).isEmpty();
    }

    @Test
    void aLedgerOfAnEarlierVersionKeepsItsSizeAndItsBackupShrinksFromThenOn() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size=8192");
            statement.executeQuery("PRAGMA journal_mode=wal").close();
            SqliteDialect.migrations().apply(connection, "BEGIN");
        }
        fillAndPurge();
        assertThat(Files.size(file)).isGreaterThan(CHANGES * BODY_BYTES);

        Path copy = folder.resolve("copy.db");
        assertThat(LedgerFiles.backupClosed(file, copy)).isEmpty();
        assertThat(Files.size(copy)).isLessThan(2 * BODY_BYTES);
        file = copy;
        fillAndPurge();
        assertThat(Files.size(file)).isLessThan(CHANGES * BODY_BYTES / 3);
        Path again = folder.resolve("again.db");
        assertThat(LedgerFiles.backupClosed(file, again)).isEmpty();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + again);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA auto_vacuum")) {
            assertThat(rows.getInt(1)).isEqualTo(2);
        }
    }

    /** All changes but the last are deleted: the last one is younger than the others by a retention. */
    private void fillAndPurge() {
        try (JdbcStore store = JdbcStore.open(file)) {
            long first = store.lastSequence();
            long running = first * RETENTION_MILLIS;
            for (int i = 1; i < CHANGES; i++) {
                insert(store, "" + (first + i));
            }
            purgeAll(store, running);
            insert(store, "" + (first + CHANGES));
            purgeAll(store, running + RETENTION_MILLIS);
        }
    }

    private static void insert(JdbcStore store, String id) {
        try (Transaction transaction = store.begin()) {
            transaction.insert(
                    new Change("f", id, id, null, Operation.UPSERT, null, Map.of(), new byte[BODY_BYTES]),
                    Instant.EPOCH);
            transaction.commit();
        }
    }

    private static void purgeAll(JdbcStore store, long running) {
        Retention retention = new Retention(Duration.ofMillis(RETENTION_MILLIS), Duration.ofDays(1));
        boolean more = true;
        while (more) {
            try (Transaction transaction = store.begin()) {
                more = transaction.purge(running, retention, 20, (target, key, sequence) -> {});
                transaction.commit();
            }
        }
    }
}
