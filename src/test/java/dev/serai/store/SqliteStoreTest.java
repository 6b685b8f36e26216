package dev.serai.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.StoreContract;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
    @TempDir
    Path folder;

    @Override
    protected Store open() {
        return JdbcStore.open(folder.resolve("ledger.db"));
    }

    @Test
    void afterAFailedCommitNothingIsWrittenUntilItIsReopened() throws Exception {
        insert("1", "k");
        alter("ALTER TABLE payload RENAME TO away");
        assertThatThrownBy(() -> insert("2", "k"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("ledger.db");
        assertThatThrownBy(store::begin).isInstanceOf(StoreException.class).hasMessageContaining("reopen");
        assertThat(store.lastSequence()).isEqualTo(1);

        store.reopen();
        alter("ALTER TABLE away RENAME TO payload");
        assertThat(find("orders", "2")).isEmpty();
        assertThat(insert("2", "k")).isEqualTo(2);
        assertThat(store.flows()).containsExactly(new FlowCounts("orders", 2, 0));
    }

    @Test
    void afterAFailedCommitNothingIsWrittenUntilTheWriteAheadFileIsEmptied() throws Exception {
        insert("1", "k");
        alter("ALTER TABLE payload RENAME TO away");
        assertThatThrownBy(() -> insert("2", "k")).isInstanceOf(StoreException.class);
        Path file = folder.resolve("ledger.db");
        try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement snapshot = reader.createStatement()) {
            snapshot.execute("BEGIN");
            snapshot.executeQuery("SELECT COUNT(*) FROM change").close();

            assertThatThrownBy(store::reopen)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("write-ahead file cannot be emptied");
            assertThatThrownBy(store::begin).isInstanceOf(StoreException.class);
            snapshot.execute("COMMIT");

            store.reopen();
            assertThat(Files.size(folder.resolve("ledger.db-wal")))
                    .as("at most the page with the mark of an open ledger")
                    .isLessThanOrEqualTo(32 + 24 + 8192);
        }
        alter("ALTER TABLE away RENAME TO payload");
        assertThat(insert("2", "k")).isEqualTo(2);
    }

    @Test
    void aFailedStatementRollsBackOnlyItsTransaction() throws Exception {
        insert("1", "k");
        alter("ALTER TABLE payload RENAME TO away");
        try (Transaction transaction = store.begin()) {
            transaction.insert(change("orders", "2", "k"), T0);
            assertThatThrownBy(() -> transaction.entry(1)).isInstanceOf(StoreException.class);
        }
        alter("ALTER TABLE away RENAME TO payload");

        assertThat(insert("3", "k")).isEqualTo(2);
        assertThat(find("orders", "2")).isEmpty();
        assertThat(store.entry(2).orElseThrow().change().id()).isEqualTo("3");
    }

    @Test
    void aClosedStoreRefusesCalls() {
        store.close();
        assertThatThrownBy(() -> store.entry(1))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(store::begin).isInstanceOf(StoreException.class);
    }

    private void alter(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement one = connection.createStatement()) {
            one.execute(statement);
        }
    }
}
