package dev.serai.store;

import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Session;
import dev.serai.store.sqlite.SqliteDialect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.SplittableRandom;

/**
 * Makes a ledger with many kept changes, all delivered but the first, whose key is stuck. It writes rows directly, because
 * accepting them would take hours. {@link StoreBench} then measures it.
 *
 * <p>Arguments: a folder, the number of changes.
 */
final class AgedLedger {
    private static final int PART = 500_000;

    private AgedLedger() {}

    public static void main(String[] args) throws Exception {
        Path file = Files.createDirectories(Path.of(args[0])).resolve("ledger.db");
        int total = Integer.parseInt(args[1]);
        try (JdbcStore store = JdbcStore.open(file);
                Transaction transaction = store.begin()) {
            transaction.addTarget(new TargetName("bench", "target"), 0);
            transaction.commit();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous=0");
            statement.execute("PRAGMA wal_autocheckpoint=8000");
            for (int from = 1; from <= total; from += PART) {
                rows(statement, from, Math.min(total, from + PART - 1));
            }
            statement.execute("UPDATE flow SET accepted = " + total);
            statement.execute("UPDATE target SET waiting = 1, delivered = " + (total - 1) + ", position = " + total);
            statement.execute("UPDATE delivery SET state = 2, due_at = 1 << 50, finished_at = NULL, key_hash = 1"
                    + " WHERE target = 1 AND seq = 1");
            index(new Session(connection, new SqliteDialect(), file.toString()), total);
        }
    }

    private static void rows(Statement statement, int from, int to) throws Exception {
        String numbers = "WITH RECURSIVE n(seq) AS (SELECT " + from + " UNION ALL SELECT seq + 1 FROM n WHERE seq < "
                + to + ") ";
        statement.execute("BEGIN");
        statement.execute(numbers + "INSERT INTO change (seq, flow, key, id, operation, accepted_at)"
                + " SELECT seq, 1, 'key-' || abs(random() % 1000000), hex(randomblob(16)), 0, 1 FROM n");
        statement.execute(numbers + "INSERT INTO payload (seq, body) SELECT seq, randomblob(100) FROM n");
        statement.execute(numbers + "INSERT INTO delivery (target, seq, state, attempts, finished_at)"
                + " SELECT 1, seq, 1, 1, 1 FROM n");
        statement.execute("COMMIT");
    }

    /** The hashes are not those of the rows, which makes no difference to looking for new ids. */
    private static void index(Session session, int total) {
        SplittableRandom random = new SplittableRandom(1);
        IdIndex ids = new IdIndex(1 << 18, null);
        for (int sequence = 1; sequence <= total; ) {
            int group = Math.min(5000, total - sequence + 1);
            for (int i = 0; i < group; i++) {
                ids.add(sequence++, random.nextLong(), random.nextInt(1_000_000) * 0x9E3779B97F4A7C15L);
            }
            session.execute("BEGIN");
            ids.write(session, group, sequence % 50_000 < 5000);
            session.execute("COMMIT");
            ids.written();
        }
    }
}
