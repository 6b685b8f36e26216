package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.book.LogPart;
import dev.serai.reconcile.follow.BookFollower;
import dev.serai.reconcile.state.RecordState;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.sqlite.SQLiteDataSource;

/**
 * Measures how fast a local SQL table is compared while changes flow, and what is found. Run it by hand: arguments are {@code
 * sqlite} or {@code postgres}, the number of keys, that of the differences, that of the changes a second,
 * that of the runs, and with {@code sqlite} perhaps a folder, which is filled if it is empty, and measured again if a whole
 * measurement has filled it.
 *
 * <p>The book is filled without a ledger, as when retention has deleted the changes; those that flow go through one. {@code
 * follow} and a number of changes measures what it takes to follow the log instead. Processor time is that of the thread that
 * follows and compares, which other load on the machine does not change much.
 */
final class ReconcileBench {
    private static final String SQL = "sql: { dataSource: reports, table: orders, keyColumn: id }\n";
    private static final String COMPARES = "serai-reconcile-orders";
    private static final String READS = "serai-reconcile-reader";
    private static final int BATCH = 5_000;
    /** Of following; the first warms up. */
    private static final int ROUNDS = 3;

    private static final long LOOK_MILLIS = 200;
    private static final int FOLDER_ARGUMENT = 5;

    private final ReconcileStage stage;
    private final Path folder;
    private final int keys;
    private final int differing;
    private final int perSecond;

    private ReconcileBench(ReconcileStage stage, Path folder, int keys, int differing, int perSecond) {
        this.stage = stage;
        this.folder = folder;
        this.keys = keys;
        this.differing = differing;
        this.perSecond = perSecond;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = arguments.length > FOLDER_ARGUMENT
                ? Files.createDirectories(Path.of(arguments[FOLDER_ARGUMENT]))
                : Files.createTempDirectory("serai-reconcile-bench");
        int number = Integer.parseInt(arguments[1]);
        try (ReconcileStage stage = new ReconcileStage(folder)) {
            stage.keepsStates = false;
            if (arguments[0].equals("follow")) {
                new ReconcileBench(stage, folder, number, 0, 0).follow();
                return;
            }
            ReconcileBench bench = new ReconcileBench(
                    stage, folder, number, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            int runs = Integer.parseInt(arguments[4]);
            if (arguments[0].equals("postgres")) {
                try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
                    bench.compare(postgres.getPostgresDatabase(), runs);
                }
            } else {
                SQLiteDataSource table = new SQLiteDataSource();
                table.setUrl("jdbc:sqlite:" + folder.resolve("target.db") + "?journal_mode=WAL&busy_timeout=60000");
                bench.compare(table, runs);
            }
        }
    }

    // ---- Following

    private void follow() throws Exception {
        for (int from = 1; from <= keys; from += BATCH) {
            List<Change> batch = IntStream.range(from, Math.min(keys + 1, from + BATCH))
                    .mapToObj(i -> change("i" + i, scattered(i), body(scattered(i), i)))
                    .toList();
            stage.ledger.accept(batch, null).join();
        }
        awaitDelivered();
        Path file = Files.writeString(
                folder.resolve("orders.reconcile.yaml"),
                "flow: orders\ntarget: shop\nread: { url: 'http://127.0.0.1:9/{key}' }\n");
        ReconcileFile read = ReconcileFileReader.read(file, stage.camel, false);
        for (int round = 1; round <= ROUNDS; round++) {
            follow(read, folder.resolve("followed" + round));
        }
    }

    private void follow(ReconcileFile read, Path path) throws Exception {
        long newest = stage.ledger.search().newest(0, "orders");
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Book book = new Book(new BookPlace(path, null), "orders", "orders", read.meaning(), false)) {
            BookFollower follower =
                    new BookFollower(stage.ledger, read.target(), read.given(), book, Clock.systemUTC());
            long cpu = threads.getCurrentThreadCpuTime();
            Followed upTo = null;
            while (upTo == null || upTo.sequence() < newest) {
                follower.catchUp();
                upTo = book.log().followed(0);
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            cpu = threads.getCurrentThreadCpuTime() - cpu;
            System.out.printf(
                    Locale.ROOT,
                    "%,d changes followed: processor %.1f µs each; book %,d bytes%n",
                    keys,
                    cpu / 1e3 / keys,
                    size(path.resolve("orders.db")));
        }
    }

    private void awaitDelivered() throws InterruptedException {
        while (stage.ledger.flow("orders").orElseThrow().targets().stream().anyMatch(one -> one.backlog() > 0)) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    // ---- Comparing

    private void compare(DataSource table, int runs) throws Exception {
        boolean isFilled = Files.exists(folder.resolve("orders.reconcile.yaml"));
        stage.camel.getRegistry().bind("reports", table);
        Path file = Files.writeString(folder.resolve("orders.reconcile.yaml"), "flow: orders\ntarget: shop\n" + SQL);
        if (!isFilled) {
            System.out.println("filling");
            Receipt first = stage.ledger
                    .accept(change("first", key(0), body(key(0), 0)))
                    .join();
            awaitDelivered();
            fillBook(ReconcileFileReader.read(file, stage.camel, false).meaning(), first.sequence());
            fillTable(table);
        }
        stage.script = change -> {
            update(table, change);
            return null;
        };
        AtomicBoolean isOver = new AtomicBoolean();
        Thread flow = new Thread(() -> send(isOver));
        flow.start();
        stage.reconcile(SQL);
        System.out.println("comparing");
        for (int run = 1; run <= runs; run++) {
            System.gc();
            long peakHeap = 0;
            long wall = System.nanoTime();
            long cpu = cpu(COMPARES);
            long readCpu = 0;
            while (!stage.reconciler.start("orders", RunRequest.LOOK)) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            long firstLook = 0;
            long firstLookCpu = 0;
            ReconcileReport report = stage.report();
            while (report.state().equals("running")) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                report = stage.report();
                peakHeap = Math.max(
                        peakHeap,
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
                readCpu = Math.max(readCpu, cpu(READS)); // each run has a reader of its own
                if (firstLook == 0
                        && !Set.of("following", "listing", "searching").contains("" + report.phase())) {
                    firstLook = System.nanoTime() - wall;
                    firstLookCpu = cpu(COMPARES) - cpu;
                }
            }
            print(report, System.nanoTime() - wall, firstLook, firstLookCpu, readCpu, peakHeap);
        }
        isOver.set(true);
        flow.join();
    }

    private void print(
            ReconcileReport report, long wall, long firstLook, long firstLookCpu, long readCpu, long peakHeap)
            throws IOException {
        Set<String> found =
                report.differences().stream().map(DifferenceJson::key).collect(Collectors.toSet());
        Set<String> seeded = IntStream.rangeClosed(1, differing)
                .mapToObj(i -> isExtra(i) ? "x" + key(i) : key(i))
                .collect(Collectors.toSet());
        long right = found.stream().filter(seeded::contains).count();
        System.out.printf(
                Locale.ROOT,
                "%s %s: %,d keys, %,d equal, %,d missing, %,d stale, %,d extra, %,d differ, %,d pending; of %,d seeded found %,d,"
                        + " false %,d; whole run %.1f s, first look %.1f s = %,.0f keys/s, processor %.2f µs/key to compare and %.2f to read;"
                        + " peak heap %,d MiB, peak RSS %s, book %,d bytes%n",
                report.state(),
                report.reason(),
                report.keys(),
                report.equal(),
                report.missing(),
                report.stale(),
                report.extra(),
                report.differs(),
                report.pending(),
                differing,
                right,
                report.missing() + report.stale() + report.extra() + report.differs() - right,
                wall / 1e9,
                firstLook / 1e9,
                keys / (firstLook / 1e9),
                firstLookCpu / 1e3 / keys,
                readCpu / 1e3 / keys,
                peakHeap >> 20,
                Files.readString(Path.of("/proc/self/status"))
                        .lines()
                        .filter(line -> line.startsWith("VmHWM"))
                        .findFirst()
                        .orElse("unknown"),
                size(folder.resolve("reconcile/orders.db")));
    }

    private static boolean isExtra(int number) {
        return number % 5 == 0;
    }

    private static boolean isMissing(int number) {
        return !isExtra(number) && number % 2 == 0;
    }

    /** Sends states of keys that are not to differ. */
    private void send(AtomicBoolean isOver) {
        Instant from = Instant.now(); // so that ids are new in a ledger that is used again
        for (int i = 1; !isOver.get(); i++) {
            int number = differing + 1 + (int) ((i * 2_654_435_761L) % (keys - differing));
            String key = key(number);
            stage.ledger.accept(change(from + "-" + i, key, body(key, i))).join();
            try {
                TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(1) / Math.max(1, perSecond));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void update(DataSource table, Change change) {
        JsonNode state = ReconcileStage.json(new String(change.body(), StandardCharsets.UTF_8));
        try (Connection connection = table.getConnection();
                PreparedStatement update = connection.prepareStatement("UPDATE orders SET amount = ? WHERE id = ?")) {
            update.setLong(1, state.path("amount").asLong());
            update.setString(2, change.key());
            update.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void fillBook(String meaning, long sequence) {
        try (Book book =
                new Book(new BookPlace(folder.resolve("reconcile"), null), "orders", "orders", meaning, false)) {
            Instant now = Instant.now().minusSeconds(600);
            for (int from = 0; from < keys; from += BATCH) {
                List<Given> some = new ArrayList<>();
                for (int i = from; i < Math.min(keys, from + BATCH); i++) {
                    if (i > 0 && i <= differing && isExtra(i)) {
                        continue; // it has another key in the table
                    }
                    byte[] digest = RecordState.digest(ReconcileStage.json(new String(body(key(i), i))));
                    some.add(new Given(key(i), 0, sequence, now, now, GivenKind.STATE, digest));
                }
                book.follow(new LogPart(Map.of(0, new Followed(sequence, "first", now)), some, List.of(), List.of()));
            }
        }
    }

    private void fillTable(DataSource table) throws Exception {
        try (Connection connection = table.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (id VARCHAR(40) PRIMARY KEY, state VARCHAR(20), amount BIGINT)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders VALUES (?, 'paid', ?)")) {
                for (int i = 0; i < keys; i++) {
                    if (i > 0 && i <= differing && isMissing(i)) {
                        continue;
                    }
                    boolean isWrong = i > 0 && i <= differing;
                    insert.setString(1, isWrong && isExtra(i) ? "x" + key(i) : key(i));
                    insert.setInt(2, isWrong ? -1 : i);
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

    // ---- Records

    private static Change change(String id, String key, byte[] body) {
        return new Change("orders", id, key, null, Operation.UPSERT, "application/json", Map.of(), body);
    }

    private static String key(int number) {
        return String.format(Locale.ROOT, "order-%010d", number);
    }

    private static String scattered(int number) {
        return key(Integer.reverse(number) >>> 2);
    }

    private static byte[] body(String key, int number) {
        return ("{\"id\":\"" + key + "\",\"state\":\"paid\",\"amount\":" + number + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    // ---- Figures

    private static long size(Path file) throws IOException {
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        return Files.size(file) + (Files.exists(log) ? Files.size(log) : 0);
    }

    /** The processor time of the threads with this name. */
    private static long cpu(String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long cpu = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo info = threads.getThreadInfo(id);
            if (info != null && info.getThreadName().startsWith(name)) {
                cpu += threads.getThreadCpuTime(id);
            }
        }
        return cpu;
    }
}
