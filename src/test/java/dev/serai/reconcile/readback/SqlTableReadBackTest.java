package dev.serai.reconcile.readback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.sqlite.SQLiteDataSource;

class SqlTableReadBackTest {
    /** More than two reads have. */
    private static final int ROWS = 12_000;

    @TempDir
    Path folder;

    private final AtomicBoolean isNextRefused = new AtomicBoolean();

    private final SQLiteDataSource table = new SQLiteDataSource() {
        @Override
        public Connection getConnection() throws SQLException {
            if (isNextRefused.getAndSet(false)) {
                throw new SQLException("the database is restarted");
            }
            return super.getConnection();
        }
    };

    @Test
    void aReadAheadThatFailsIsReadAgainAndNoRowIsLostOrTwice() throws Exception {
        table.setUrl("jdbc:sqlite:" + folder.resolve("target.db"));
        fill();
        try (CamelContext camel = new LeanCamelContext(true);
                ReadBack target =
                        ReadBacks.sql(camel, Map.of("dataSource", "reports", "table", "orders", "keyColumn", "id"))) {
            camel.getRegistry().bind("reports", table);
            camel.start();
            List<String> keys = new ArrayList<>();
            target.begin(null);
            take(target, target.next(), keys);
            isNextRefused.set(true);
            int failures = 0;
            boolean isLast = false;
            while (!isLast) {
                try {
                    ListedRecords page = target.next();
                    take(target, page, keys);
                    isLast = page.isLast();
                } catch (CannotCreateTransactionException | DataAccessException e) {
                    failures++;
                }
            }

            assertThat(failures).isEqualTo(1);
            assertThat(keys)
                    .containsExactlyElementsOf(IntStream.range(0, ROWS)
                            .mapToObj(SqlTableReadBackTest::key)
                            .toList());
        }
    }

    private static void take(ReadBack target, ListedRecords page, List<String> keys) throws Exception {
        page.records().forEach(record -> keys.add(record.path("id").asText()));
        target.taken(true);
    }

    private static String key(int number) {
        return String.format("k%05d", number);
    }

    private void fill() throws SQLException {
        try (Connection connection = table.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, amount BIGINT)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders VALUES (?, ?)")) {
                for (int i = 0; i < ROWS; i++) {
                    insert.setString(1, key(i));
                    insert.setInt(2, i);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            connection.commit();
        }
    }
}
