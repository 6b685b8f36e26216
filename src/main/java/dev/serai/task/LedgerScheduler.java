package dev.serai.task;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the delayed tasks and the reads of a ledger. A task that ends with an {@link Error} may have left its target in any
 * state, so it is reported.
 *
 * <p>Threads: safe.
 */
public final class LedgerScheduler extends ScheduledThreadPoolExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerScheduler.class);

    private volatile Consumer<Error> whenFailed = error -> {};

    public LedgerScheduler(int threads, ThreadFactory factory) {
        super(threads, factory);
        setRemoveOnCancelPolicy(true);
    }

    /** @param listener takes each error that ends a task, on the scheduler's threads; usually a ledger that ends its writers */
    public void whenFailed(Consumer<Error> listener) {
        whenFailed = listener;
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        super.afterExecute(task, thrown);
        Throwable failure = thrown != null ? thrown : failure(task);
        if (failure != null) {
            LOG.error("A task of the ledger failed", failure);
        }
        if (failure instanceof Error error) {
            whenFailed.accept(error);
        }
    }

    /** What the task ended with, or null. */
    private static @Nullable Throwable failure(Runnable task) {
        if (!(task instanceof Future<?> future) || !future.isDone()) {
            return null;
        }
        try {
            future.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (CancellationException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
