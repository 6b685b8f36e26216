package dev.serai.store;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
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
 * <p>Arguments: a folder, the number of changes, changes per transaction. Prints a line for every twentieth of the changes,
 * then how fast a tenth of them is deleted.
 */
final class StoreBench {
    private static final TargetName TARGET = new TargetName("bench", "target");
    private static final Duration KEPT = Duration.ofDays(7);
    private static final int BODY_BYTES = 1024;

    private final SplittableRandom random = new SplittableRandom(1);
    private final int group;
    private String[] keys = new String[0];
    private long settled;

    private StoreBench(int group) {
        this.group = group;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int total = Integer.parseInt(args[1]);
        StoreBench bench = new StoreBench(Integer.parseInt(args[2]));
        try (JdbcStore store = JdbcStore.open(folder.resolve("ledger.db"))) {
            bench.fill(store, total);
            bench.purge(store, total / 10);
        }
        long start = System.nanoTime();
        JdbcStore.open(folder.resolve("ledger.db")).close();
        System.out.printf("open and close again: %d ms%n", (System.nanoTime() - start) / 1_000_000);
    }

    private void fill(JdbcStore store, int total) {
        try (Transaction transaction = store.begin()) {
            transaction.addTarget(TARGET, 0);
            transaction.commit();
        }
        int window = Math.max(group, total / 20);
        long[] micros = new long[window / group];
        for (int done = 0; done + window <= total; ) {
            long start = System.nanoTime();
            for (int i = 0; i < micros.length; i++) {
                long before = System.nanoTime();
                transaction(store);
                micros[i] = (System.nanoTime() - before) / 1000;
            }
            long nanos = System.nanoTime() - start;
            done += window;
            Arrays.sort(micros);
            System.out.printf(
                    "%,11d changes: %,7.0f/s full cycle, transaction p50 %.1f p99 %.1f max %.1f ms%n",
                    done,
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
        long longest = 0;
        int steps = 0;
        while (store.entry(changes).isPresent()) {
            long before = System.nanoTime();
            purge(store, Duration.ZERO, 1000);
            longest = Math.max(longest, System.nanoTime() - before);
            steps++;
        }
        long nanos = System.nanoTime() - start;
        System.out.printf(
                "deletes %,.0f changes/s of the writer's time, in steps of %.1f ms, the longest %.1f ms%n",
                changes * 1e9 / nanos, nanos / 1e6 / steps, longest / 1e6);
        start = System.nanoTime();
        steps = 1;
        while (purge(store, KEPT, 500)) {
            steps++;
        }
        System.out.printf("%d steps to tidy up, %.1f ms%n", steps, (System.nanoTime() - start) / 1e6);
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
                Delivery delivery = new Delivery(TARGET, DeliveryState.DELIVERED, 1, null, now, 200, null);
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

    private Change change(String id, String key) {
        byte[] body = new byte[BODY_BYTES];
        for (int i = 0; i < BODY_BYTES; i += 8) {
            long bits = random.nextLong();
            for (int b = 0; b < 8; b++) {
                body[i + b] = (byte) (bits >>> (8 * b));
            }
        }
        return new Change(TARGET.flow(), id, key, null, Operation.UPSERT, "application/json", Map.of(), body);
    }
}
