package dev.serai.store.index;

import dev.serai.store.JdbcStore;
import dev.serai.store.jdbc.Session;
import dev.serai.store.sqlite.SqliteDialect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.SplittableRandom;

/**
 * Measures the id index alone: what looking for a new id and adding a change cost the processor while the index grows.
 *
 * <p>Arguments: a folder, the number of changes, changes per transaction. Prints a line for every twentieth of the changes,
 * then how long a start takes and what it needs. Run it with the heap that is of interest.
 */
final class IndexBench {
    private static final int RUN_CHANGES = 1 << 18;
    private static final int LOOKS = 200_000;

    private IndexBench() {}

    public static void main(String[] args) throws Exception {
        Path file = Files.createDirectories(Path.of(args[0])).resolve("ledger.db");
        long total = Long.parseLong(args[1]);
        int group = Integer.parseInt(args[2]);
        JdbcStore.open(file).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous=1");
            statement.execute("PRAGMA cache_size=-65536");
            statement.execute("PRAGMA wal_autocheckpoint=8000");
            Session session = new Session(connection, new SqliteDialect(), file.toString());
            IdIndex ids = load(session, file.getParent());
            fill(session, ids, total, group);
            ids = null;
            System.gc();
            long before = heap();
            long start = System.nanoTime();
            ids = load(session, file.getParent());
            System.out.printf("a start takes %d ms", (System.nanoTime() - start) / 1_000_000);
            System.gc();
            System.out.printf(
                    " and %.1f MiB; before its filters are copied, %s%n",
                    (heap() - before) / 1048576.0, looks(session, ids, LOOKS / 100));
            start = System.nanoTime();
            for (int i = 0; i < 3_000; i++) {
                ids.write(session, 0, true);
                ids.written();
            }
            System.out.printf(
                    "after 3,000 steps in %d ms, %s%n",
                    (System.nanoTime() - start) / 1_000_000, looks(session, ids, LOOKS));
        }
    }

    private static IdIndex load(Session session, Path folder) {
        IdIndex ids = new IdIndex(RUN_CHANGES, folder);
        session.execute("BEGIN IMMEDIATE");
        ids.load(session);
        session.execute("COMMIT");
        return ids;
    }

    private static void fill(Session session, IdIndex ids, long total, int group) {
        SplittableRandom random = new SplittableRandom(1);
        long start = cpuNanos();
        long longest = 0;
        for (long sequence = 0; sequence < total; ) {
            for (int i = 0; i < group; i++) {
                ids.add(++sequence, random.nextLong(), random.nextInt(1_000_000) * 0x9E3779B97F4A7C15L);
            }
            long before = System.nanoTime();
            session.execute("BEGIN IMMEDIATE");
            ids.write(session, group, sequence / group % 20 == 0);
            session.execute("COMMIT");
            ids.written();
            longest = Math.max(longest, System.nanoTime() - before);
            if (sequence * 20 / total != (sequence - group) * 20 / total) {
                double micros = (cpuNanos() - start) / 1e3 / (total / 20.0);
                System.out.printf(
                        "%,12d changes: %.2f us each, the longest commit %.1f ms; %s%n",
                        sequence, micros, longest / 1e6, looks(session, ids, LOOKS));
                start = cpuNanos();
                longest = 0;
            }
        }
    }

    private static String looks(Session session, IdIndex ids, int looks) {
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        long start = 0;
        for (int i = -looks / 4; i < looks; i++) {
            start = i == 0 ? cpuNanos() : start;
            ids.find(session, random.nextLong(), sequence -> true);
        }
        double micros = (cpuNanos() - start) / 1e3 / looks;
        return "looking for a new id takes %.2f us in %d runs"
                .formatted(micros, ids.runs().size());
    }

    /** Of this thread: other programs on the machine do not count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
