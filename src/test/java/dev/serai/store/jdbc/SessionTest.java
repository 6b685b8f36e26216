package dev.serai.store.jdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.StoreException;
import dev.serai.store.sqlite.SqliteDialect;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class SessionTest {

    @Test
    void aMisspeltColumnFailsWithItsName() throws SQLException {
        try (Session session = new Session(
                DriverManager.getConnection("jdbc:sqlite::memory:"), new SqliteDialect(), "a ledger in memory")) {
            session.execute("CREATE TABLE cursor (name TEXT, value TEXT, saved_at INTEGER)");
            session.execute("INSERT INTO cursor VALUES ('orders', '17', 0)");

            assertThatThrownBy(() -> session.list("cursors", row -> row.getString("valeu")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("a ledger in memory")
                    .hasMessageContaining("no such column: 'valeu'");
        }
    }
}
