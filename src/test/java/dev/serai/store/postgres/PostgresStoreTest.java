package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.StoreContract;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresStoreTest extends StoreContract {
    @TempDir
    Path data;

    private final String schema = TestServer.newSchema();

    @Override
    protected Store open() {
        return TestServer.open(schema, data, 1 << 14);
    }

    @Test
    void afterAFailedCommitNothingIsWrittenUntilItIsReopened() throws Exception {
        insert("1", "k");
        alter("ALTER TABLE payload RENAME TO away");
        assertThatThrownBy(() -> insert("2", "k"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("schema " + schema);
        assertThatThrownBy(store::begin).isInstanceOf(StoreException.class).hasMessageContaining("reopen");
        assertThat(store.lastSequence()).isEqualTo(1);

        store.reopen();
        alter("ALTER TABLE away RENAME TO payload");
        assertThat(find("orders", "2")).isEmpty();
        assertThat(insert("2", "k")).isEqualTo(2);
        assertThat(store.flows()).containsExactly(new FlowCounts("orders", 2, 0));
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
        TestServer.execute("SET search_path = " + schema + "_00", statement);
    }
}
