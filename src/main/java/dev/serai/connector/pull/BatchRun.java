package dev.serai.connector.pull;

import dev.serai.camel.http.ByteBudget;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run of a {@link BatchPull}.
 *
 * <p>Threads: one thread.
 */
final class BatchRun {
    private static final long MEMORY_WAIT_MILLIS = 100;

    final int stops;

    final int recordsMax;

    final boolean stopsAtBroken;

    @Nullable String position;

    /** The batch that was read and is not accepted yet. */
    @Nullable Batch read;

    /** Why the route refuses the only record of the batch for good. */
    @Nullable String refusal;

    int limit;
    int failures;
    long waitMillis;

    /** What ended the run; null if nothing did. */
    @Nullable Exception failure;

    /** Why the run does not read all there is although nothing fails; null if it does. */
    @Nullable String incomplete;

    /** Whether the cursor was set by somebody else meanwhile. */
    boolean isOvertaken;

    private final RouteSender route;
    private final ByteBudget budget;
    private long memory;

    /**
     * A run that has not begun to read.
     *
     * @param route the user's route
     * @param budget for the batch in memory
     * @param stops how often the route had been stopped before
     * @param recordsMax how many records a batch may have
     * @param stopsAtBroken whether a record that cannot be accepted ends it
     */
    BatchRun(RouteSender route, ByteBudget budget, int stops, int recordsMax, boolean stopsAtBroken) {
        this.route = route;
        this.budget = budget;
        this.stops = stops;
        this.recordsMax = recordsMax;
        this.stopsAtBroken = stopsAtBroken;
        this.limit = recordsMax;
    }

    /** Waits until there is memory for a batch, and takes it; false if the route is to stop. */
    boolean takeMemory(PullPause pause, long bytes) throws InterruptedException {
        long wanted = Math.min(bytes, budget.bytesMax());
        while (!budget.take(wanted)) {
            if (!pause.await(stops, MEMORY_WAIT_MILLIS)) {
                return false;
            }
        }
        memory = wanted;
        return true;
    }

    /** Whether the route was stopped, or the thread interrupted, after the run began. */
    boolean isStopped(PullPause pause) {
        return pause.stops() != stops || Thread.currentThread().isInterrupted();
    }

    void giveMemoryBack() {
        budget.back(memory);
        memory = 0;
    }

    /** Sends the batch through the user's route, with the cursor to save together with it. */
    RouteSender.Taken send(Batch batch, String cursorName) throws Exception {
        return route.send(batch.records(), cursorName, batch.cursor());
    }

    /** Begins a new batch there. */
    void goOn(String newPosition) {
        position = newPosition;
        refusal = null;
        failures = 0;
        waitMillis = 0;
    }
}
