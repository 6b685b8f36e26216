package dev.serai.reconcile;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sqlite.SQLiteDataSource;

/**
 * Measures what it takes to follow the log and to compare with a local SQL table, in processor time of the one thread that does
 * both, which other load on the machine does not change much. Run it by hand: arguments are the number of keys and of those that
 * are to differ.
 */
final class ReconcileBench {
    private static final int BATCH = 1_000;

    private ReconcileBench() {}

    public static void main(String[] arguments) throws Exception {
        int keys = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int differing = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        Path folder = Files.createTempDirectory("serai-reconcile-bench");
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            stage.keepsStates = false;
            for (int from = 1; from <= keys; from += BATCH) {
                List<Change> batch = new ArrayList<>();
                for (int i = from; i < from + BATCH && i <= keys; i++) {
                    batch.add(new Change(
                            "orders", "i" + i, key(i), null, Operation.UPSERT, "application/json", Map.of(), body(i)));
                }
                stage.ledger.accept(batch, null).join();
            }
            stage.awaitDelivered();
            Thread.sleep(2_000); // the position is saved
            SQLiteDataSource table = new SQLiteDataSource();
            table.setUrl("jdbc:sqlite:" + folder.resolve("target.db"));
            stage.camel.getRegistry().bind("reports", table);
            fill(table, keys, differing);
            stage.reconcile("sql: { dataSource: reports, table: orders, keyColumn: id }\n");
            long wall = System.nanoTime();
            ReconcileReport first = stage.run();
            long firstCpu = cpu();
            long firstWall = System.nanoTime() - wall;
            wall = System.nanoTime();
            ReconcileReport second = stage.run();
            long secondCpu = cpu() - firstCpu;
            long secondWall = System.nanoTime() - wall;
            System.out.printf(
                    Locale.ROOT,
                    "%,d keys: found %d of %d; following and comparing %.1f s (processor %.1f µs/key); comparing alone %.1f s,"
                            + " %,.0f keys/s (processor %.1f µs/key, %,.0f keys/s); book %,d bytes; second run found %d%n",
                    keys,
                    first.missing() + first.differs(),
                    differing,
                    firstWall / 1e9,
                    firstCpu / 1e3 / keys,
                    secondWall / 1e9,
                    keys / (secondWall / 1e9),
                    secondCpu / 1e3 / keys,
                    keys / (secondCpu / 1e9),
                    Files.size(folder.resolve("reconcile/orders.db"))
                            + Files.size(folder.resolve("reconcile/orders.db-wal")),
                    second.missing() + second.differs());
        }
    }

    private static String key(int number) {
        return String.format(Locale.ROOT, "k%09d", Integer.reverse(number) >>> 2);
    }

    private static byte[] body(int number) {
        return ("{\"id\":\"" + key(number) + "\",\"state\":\"paid\",\"amount\":" + number + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void fill(SQLiteDataSource table, int keys, int differing) throws Exception {
        try (Connection connection = table.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, state TEXT, amount BIGINT)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders VALUES (?, 'paid', ?)")) {
                for (int i = 1; i <= keys; i++) {
                    if (i % 2 == 0 && i <= differing) {
                        continue; // missing
                    }
                    insert.setString(1, key(i));
                    insert.setInt(2, i <= differing ? -1 : i);
                    insert.addBatch();
                    if (i % BATCH == 0) {
                        insert.executeBatch();
                    }
                }
                insert.executeBatch();
            }
            connection.commit();
        }
    }

    /** The processor time of the thread that follows and compares. */
    private static long cpu() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo info = threads.getThreadInfo(id);
            if (info != null && info.getThreadName().equals("serai-reconcile-orders")) {
                return threads.getThreadCpuTime(id);
            }
        }
        return 0;
    }
}
