package dev.serai.task;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A task that is run again and again. A run that throws is told by a {@link FailureLog}, and the next one comes all the same; an
 * executor alone would end the task without a word.
 *
 * <p>Threads: one run at a time.
 */
public final class RepeatedTask implements Runnable {
    private final FailureLog failures;
    private final Runnable task;

    /** @param what is done, as the beginning of a sentence */
    public RepeatedTask(String what, Runnable task) {
        this.failures = new FailureLog(what);
        this.task = task;
    }

    /** Runs it after {@code firstMillis}, and then with this pause between two runs. */
    public ScheduledFuture<?> start(ScheduledExecutorService executor, long firstMillis, long pauseMillis) {
        return executor.scheduleWithFixedDelay(this, firstMillis, pauseMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failures.failedUnexpectedly(e);
            return;
        }
        failures.worked();
    }
}
