package dev.serai.reconcile;

import static dev.serai.reconcile.ReconcileStage.key;
import static dev.serai.reconcile.ReconcileStage.keys;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class ReconcileSqlTest {
    @TempDir
    Path folder;

    @Test
    void aTableIsComparedByItsRows() throws Exception {
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            SQLiteDataSource table = new SQLiteDataSource();
            table.setUrl("jdbc:sqlite:" + folder.resolve("target.db"));
            stage.camel.getRegistry().bind("reports", table);
            stage.sendEach(1, 300);
            try (Connection connection = table.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, amount BIGINT, seen TEXT)");
                connection.setAutoCommit(false);
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO orders VALUES (?, ?, 'now')")) {
                    for (int i = 1; i <= 300; i++) {
                        insert.setString(1, key(i));
                        insert.setInt(2, i);
                        insert.executeUpdate();
                    }
                }
                statement.execute("DELETE FROM orders WHERE id = '" + key(7) + "'");
                statement.execute("UPDATE orders SET amount = 0 WHERE id = '" + key(8) + "'");
                statement.execute("INSERT INTO orders VALUES ('x', 1, 'now')");
                connection.commit();
            }
            stage.reconcile("ignore: [seen]\nsql: { dataSource: reports, table: orders, keyColumn: id }\n");

            ReconcileReport found = stage.run();

            assertThat(found.state()).as(found.reason()).isEqualTo("done");
            assertThat(keys(found, "missing")).containsExactly(key(7));
            assertThat(keys(found, "differs")).containsExactly(key(8));
            assertThat(keys(found, "extra")).containsExactly("x");
            assertThat(found.equal()).isEqualTo(298);
        }
    }
}
