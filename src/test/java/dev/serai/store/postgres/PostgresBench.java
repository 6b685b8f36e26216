package dev.serai.store.postgres;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.task.LedgerScheduler;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;

/**
 * Accepts and delivers through a ledger in SQLite and in PostgreSQL, in turn; and inserts groups of rows in several ways. Not a test:
 * run {@code main} with the number of seconds and rounds. The processor time of a change can be compared on a busy machine, too; it is
 * that of this process without its compiler, and that of the server.
 */
final class PostgresBench {
    private static final TargetName TARGET = new TargetName("orders", "shop");
    private static final int UNDER_WAY = 64;
    private static final int GROUP = 128;

    private PostgresBench() {}

    public static void main(String[] args) throws Exception {
        int seconds = Integer.parseInt(args[0]);
        int rounds = Integer.parseInt(args[1]);
        Path folder = Files.createTempDirectory(Path.of(args.length > 2 ? args[2] : "/tmp"), "postgres-bench");
        inserts(seconds);
        for (int round = 1; round <= rounds; round++) {
            ledger("SQLite", address("jdbc:sqlite:" + folder.resolve("s" + round + ".db"), 1, folder), seconds);
            for (int shards : new int[] {1, 2, 4, 6, 16}) {
                Path data = folder.resolve("node-" + round + "-" + shards);
                ledger("PostgreSQL, shards: " + shards, address(TestServer.url(), shards, data), seconds);
            }
        }
        System.exit(0);
    }

    private static LedgerAddress address(String url, int shards, Path data) {
        return new LedgerAddress(url, null, null, TestServer.newSchema(), shards, "bench", data);
    }

    private static void ledger(String name, LedgerAddress address, int seconds) throws Exception {
        LedgerScheduler scheduler = new LedgerScheduler(2, Thread::new);
        List<Store> stores = LedgerStores.open(address, BodyCipher.NONE);
        AtomicLong delivered = new AtomicLong();
        Ledger ledger = new Ledger(
                stores,
                new LedgerSettings(
                        Limits.DEFAULT,
                        Retention.DEFAULT,
                        new LedgerClock(TimeSource.system()),
                        new Random(1),
                        scheduler,
                        Runnable::run,
                        (target, state, sinceAccepted) -> delivered.incrementAndGet()));
        Subscription subscription = ledger.subscribe(
                TARGET,
                TargetOptions.of(64, RedeliveryPolicy.DEFAULT, true, false),
                (changes, done) -> scheduler.execute(() -> done.accept(new Outcome.Delivered(200, null))),
                new TargetCircuit(TimeSource.system()));
        subscription.start();
        Semaphore free = new Semaphore(UNDER_WAY);
        AtomicInteger failed = new AtomicInteger();
        Random random = new Random(1);
        Used before = Used.NOTHING;
        long begun = System.nanoTime();
        long end = begun + 2L * seconds * 1_000_000_000L; // the first half warms up
        for (int i = 0; System.nanoTime() < end; i++) {
            if (before == Used.NOTHING && System.nanoTime() > begun + seconds * 1_000_000_000L) {
                before = Used.now(delivered.get());
            }
            byte[] body = new byte[1024];
            random.nextBytes(body);
            free.acquire();
            ledger.accept(new Change(
                            "orders",
                            UUID.randomUUID().toString(),
                            "k" + i % 1000,
                            null,
                            Operation.UPSERT,
                            null,
                            Map.of(),
                            body))
                    .whenComplete((receipt, failure) -> {
                        free.release();
                        failed.addAndGet(failure == null ? 0 : 1);
                    });
        }
        Used after = Used.now(delivered.get());
        double changes = after.delivered() - before.delivered();
        System.out.printf(
                "%-24s %,8.0f delivered/s, %.4f ms of this process for each, %d failed%n",
                name, changes / seconds, (after.processMillis() - before.processMillis()) / changes, failed.get());
        if (address.isPostgres()) {
            System.out.printf(
                    "%-24s %.4f ms of the server for each, %.1f in a commit%n",
                    "",
                    (after.serverMillis() - before.serverMillis()) / changes,
                    changes / (after.commits() - before.commits()));
        }
        subscription.close(Duration.ofSeconds(10));
        ledger.close();
        scheduler.shutdownNow();
    }

    /** What was used until now; the server counts a commit up to a second late. */
    private record Used(long delivered, long processMillis, long serverMillis, long commits) {
        static final Used NOTHING = new Used(0, 0, 0, 0);
        /** Of a tick. */
        private static final int MILLIS = 10;

        static Used now(long delivered) throws Exception {
            try (Connection connection = DriverManager.getConnection(TestServer.url());
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT xact_commit, current_setting('data_directory')"
                            + " FROM pg_stat_database WHERE datname = current_database()")) {
                row.next();
                Path lock = Path.of(row.getString(2), "postmaster.pid");
                long server = Long.parseLong(Files.readAllLines(lock).get(0));
                return new Used(delivered, ofThisProcess(), ofServer(server), row.getLong(1));
            }
        }

        private static long ofThisProcess() throws IOException {
            long ticks = 0;
            for (String[] thread : stats(Path.of("/proc/self/task"))) {
                ticks += thread[0].contains("Compiler") ? 0 : ticks(thread);
            }
            return ticks * MILLIS;
        }

        private static long ofServer(long server) throws IOException {
            long ticks = 0;
            for (String[] process : stats(Path.of("/proc"))) {
                ticks += Long.parseLong(process[2]) == server ? ticks(process) : 0;
            }
            return ticks * MILLIS;
        }

        /** Of user and system. */
        private static long ticks(String[] stat) {
            return Long.parseLong(stat[12]) + Long.parseLong(stat[13]);
        }

        /** The name and what follows it, of each process or thread. */
        private static List<String[]> stats(Path folder) throws IOException {
            List<String[]> found = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "[0-9]*")) {
                for (Path entry : entries) {
                    try {
                        String text = Files.readString(entry.resolve("stat"));
                        int end = text.lastIndexOf(')');
                        String name = text.substring(text.indexOf('(') + 1, end).replace(' ', '-');
                        found.add((name + text.substring(end + 1)).split(" "));
                    } catch (IOException e) {
                        // It has ended.
                    }
                }
            }
            return found;
        }
    }

    private interface Group {
        void insert(Connection connection, long first) throws Exception;
    }

    private static void inserts(int seconds) throws Exception {
        inserts("batch", seconds, false, "", PostgresBench::batch);
        inserts("batch, rewritten as rows", seconds, true, "", PostgresBench::batch);
        inserts("COPY", seconds, true, "", PostgresBench::copy);
        inserts("rewritten, unique id", seconds, true, "CREATE UNIQUE INDEX ON inserted (id)", PostgresBench::batch);
    }

    private static void inserts(String name, int seconds, boolean rewrite, String index, Group group) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(TestServer.url() + "&reWriteBatchedInserts=" + rewrite);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS inserted");
            statement.execute("CREATE TABLE inserted (seq BIGINT PRIMARY KEY, id UUID, body BYTEA)");
            if (!index.isEmpty()) {
                statement.execute(index);
            }
            connection.setAutoCommit(false);
            long begun = System.nanoTime();
            long end = begun + seconds * 1_000_000_000L;
            long rows = 0;
            while (System.nanoTime() < end) {
                group.insert(connection, rows);
                connection.commit();
                rows += GROUP;
            }
            System.out.printf(
                    "%-24s %,8.0f rows/s in groups of %d%n", name, rows * 1e9 / (System.nanoTime() - begun), GROUP);
        }
    }

    private static void batch(Connection connection, long first) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO inserted (seq, id, body) VALUES (?, ?, ?)")) {
            for (int i = 0; i < GROUP; i++) {
                insert.setLong(1, first + i);
                insert.setObject(2, UUID.randomUUID());
                insert.setBytes(3, new byte[1024]);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void copy(Connection connection, long first) throws Exception {
        StringBuilder text = new StringBuilder();
        String body = "\\\\x" + "00".repeat(1024);
        for (int i = 0; i < GROUP; i++) {
            text.append(first + i)
                    .append('\t')
                    .append(UUID.randomUUID())
                    .append('\t')
                    .append(body)
                    .append('\n');
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY inserted (seq, id, body) FROM STDIN", new StringReader(text.toString()));
    }
}
