package dev.serai.store;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Measures the store alone: each transaction accepts some changes with new random ids and settles those of the one before.
 *
 * <p>Arguments: a folder, the number of changes, changes per transaction, bytes of a body; one more argument leaves out the
 * deletion. The first change stays unsettled.
 * Prints a line for every twentieth of the changes, then how fast a tenth of them is deleted while others are accepted. The
 * processor time is that of this thread, so that other programs on the machine count less.
 */
final class StoreBench {
    private static final TargetName TARGET = new TargetName("bench", "target");
    private static final Duration KEPT = Duration.ofDays(7);

    private final SplittableRandom random = new SplittableRandom(System.nanoTime());
    private final int group;
    private final int bodyBytes;
    private String[] keys = new String[0];
    private long settled;

    private StoreBench(int group, int bodyBytes) {
        this.group = group;
        this.bodyBytes = bodyBytes;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int total = Integer.parseInt(args[1]);
        StoreBench bench = new StoreBench(Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        try (JdbcStore store = JdbcStore.open(folder.resolve("ledger.db"))) {
            bench.fill(store, total);
            if (args.length == 4) {
                bench.purge(store, total / 10);
            }
        }
        long start = System.nanoTime();
        JdbcStore.open(folder.resolve("ledger.db")).close();
        System.out.printf("open and close again: %d ms%n", (System.nanoTime() - start) / 1_000_000);
    }

    private void fill(JdbcStore store, int total) {
        settled = store.lastSequence();
        try (Transaction transaction = store.begin()) {
            transaction.addTarget(TARGET, 0);
            transaction.commit();
        }
        int window = Math.max(group, total / 20);
        long[] micros = new long[window / group];
        for (int done = 0; done + window <= total; ) {
            long start = System.nanoTime();
            long cpu = cpuNanos();
            for (int i = 0; i < micros.length; i++) {
                long before = System.nanoTime();
                transaction(store);
                micros[i] = (System.nanoTime() - before) / 1000;
            }
            long nanos = System.nanoTime() - start;
            done += window;
            Arrays.sort(micros);
            System.out.printf(
                    "%,11d changes: %.1f us of processor time each, %,7.0f/s full cycle, transaction p50 %.1f p99 %.1f"
                            + " max %.1f ms%n",
                    done,
                    (cpuNanos() - cpu) / 1e3 / micros.length / group,
                    (double) micros.length * group * 1e9 / nanos,
                    micros[micros.length / 2] / 1e3,
                    micros[micros.length * 99 / 100] / 1e3,
                    micros[micros.length - 1] / 1e3);
        }
        System.out.println(store.counts(TARGET));
    }

    /** Deletes some of the changes, then measures a step that finds nothing to do. */
    private void purge(JdbcStore store, int changes) {
        long start = System.nanoTime();
        long cpu = 0;
        long longest = 0;
        int steps = 0;
        long accepted = 0;
        while (store.entry(changes).isPresent()) {
            long before = System.nanoTime();
            long cpuBefore = cpuNanos();
            purge(store, Duration.ZERO, 1000);
            cpu += cpuNanos() - cpuBefore;
            longest = Math.max(longest, System.nanoTime() - before);
            steps++;
            for (int i = 0; i < 500; i += group) {
                transaction(store);
                accepted += group;
            }
        }
        long nanos = System.nanoTime() - start;
        System.out.printf(
                "deletes %,.0f changes/s beside %,.0f accepts/s, %.1f us of processor time each, in steps of %d changes,"
                        + " the longest %.1f ms%n",
                changes * 1e9 / nanos, accepted * 1e9 / nanos, cpu / 1e3 / changes, changes / steps, longest / 1e6);
        start = System.nanoTime();
        steps = 1;
        while (purge(store, KEPT, 500)) {
            steps++;
        }
        System.out.printf("%d steps to tidy up, %.1f ms%n", steps, (System.nanoTime() - start) / 1e6);
        start = System.nanoTime();
        steps = 1;
        while (purge(store, Duration.ZERO, 1000)) {
            steps++;
        }
        System.out.printf(
                "%d steps to delete all and to give the space back, %.1f ms each%n",
                steps, (System.nanoTime() - start) / 1e6 / steps);
        start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            purge(store, KEPT, 500);
        }
        System.out.printf("a step with nothing to do: %.0f microseconds%n", (System.nanoTime() - start) / 1e6);
    }

    private static boolean purge(JdbcStore store, Duration settled, int limit) {
        try (Transaction transaction = store.begin()) {
            boolean more = transaction.purge(0, new Retention(settled, KEPT), limit, (target, key, sequence) -> {});
            transaction.commit();
            return more;
        }
    }

    private void transaction(JdbcStore store) {
        Instant now = Instant.now();
        String[] accepted = new String[group];
        long last = 0;
        try (Transaction transaction = store.begin()) {
            for (int i = 0; i < group; i++) {
                String id = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
                accepted[i] = "key-" + random.nextInt(1_000_000);
                if (transaction.find(TARGET.flow(), id).isPresent()) {
                    throw new IllegalStateException("a new id was found");
                }
                last = transaction.insert(change(id, accepted[i]), now);
            }
            for (int i = 0; i < keys.length; i++) {
                boolean stuck = settled + i == 0;
                Delivery delivery = stuck
                        ? new Delivery(TARGET, DeliveryState.WAITING, 1, now.plus(KEPT), null, 503, "busy")
                        : new Delivery(TARGET, DeliveryState.DELIVERED, 1, null, now, 200, null);
                transaction.settle(settled + i + 1, Hash.of(keys[i]), DeliveryState.PENDING, delivery);
            }
            settled += keys.length;
            if (keys.length > 0) {
                transaction.position(TARGET, settled);
            }
            transaction.commit();
        }
        settled = last - group;
        keys = accepted;
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private Change change(String id, String key) {
        byte[] body = new byte[bodyBytes];
        for (int i = 0; i < bodyBytes; i += 8) {
            long bits = random.nextLong();
            for (int b = 0; b < 8; b++) {
                body[i + b] = (byte) (bits >>> (8 * b));
            }
        }
        return new Change(TARGET.flow(), id, key, null, Operation.UPSERT, "application/json", Map.of(), body);
    }
}
