package dev.serai.ledger.cluster;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * The threads with which a node takes and gives away shards.
 *
 * @param looks runs one look after another
 * @param openings opens shards, a few at a time: most of an opening is waiting for the database
 * @param handOvers runs each at once: it takes as long as what is under way, and looks go on meanwhile
 */
public record KeeperThreads(ScheduledExecutorService looks, Executor openings, Executor handOvers) {
    private static final int OPENINGS_MAX = 4;
    private static final long IDLE_SECONDS = 10;

    /** Threads that do not keep the process. */
    public static KeeperThreads own() {
        ThreadPoolExecutor openings = new ThreadPoolExecutor(
                OPENINGS_MAX,
                OPENINGS_MAX,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, "serai-open-shard"));
        openings.allowCoreThreadTimeOut(true);
        return new KeeperThreads(
                Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "serai-shards")),
                openings,
                task -> daemon(task, "serai-hand-over").start());
    }

    /** Opens some shards and waits for all of them. If some fail, one of the failures is thrown when all have ended. */
    public void openAll(List<Integer> shards, IntConsumer opening) {
        CompletableFuture<?>[] all = shards.stream()
                .map(shard -> CompletableFuture.runAsync(() -> opening.accept(shard), openings))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(all).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread made = new Thread(task, name);
        made.setDaemon(true);
        return made;
    }
}
