package dev.serai.ledger.cluster;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The threads with which a node takes and gives away shards.
 *
 * @param looks runs one look after another
 * @param handOvers runs each at once: it takes as long as what is under way, and looks go on meanwhile
 */
public record KeeperThreads(ScheduledExecutorService looks, Executor handOvers) {

    /** Threads that do not keep the process. */
    public static KeeperThreads own() {
        return new KeeperThreads(
                Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "serai-shards")),
                task -> daemon(task, "serai-hand-over").start());
    }

    private static Thread daemon(Runnable task, String name) {
        Thread made = new Thread(task, name);
        made.setDaemon(true);
        return made;
    }
}
