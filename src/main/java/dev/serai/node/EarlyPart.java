package dev.serai.node;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A part of the node that is made on a thread of its own, while the start goes on, until somebody needs it.
 *
 * <p>Threads: safe.
 */
final class EarlyPart<T> {
    private final String name;
    private final FutureTask<T> making;
    private final AtomicBoolean begun = new AtomicBoolean();

    EarlyPart(String thread, Supplier<T> maker) {
        this.name = thread;
        this.making = new FutureTask<>(maker::get);
    }

    /** Returns at once. */
    void begin() {
        if (begun.compareAndSet(false, true)) {
            Thread thread = new Thread(making, name);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Waits until it is made, on the caller's thread if nobody began. Throws what its maker threw. */
    T get() {
        if (begun.compareAndSet(false, true)) {
            making.run();
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return making.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** To close it: what was made, or null if nobody began or it failed. None is made after this. */
    @Nullable T end() {
        if (begun.compareAndSet(false, true)) {
            making.cancel(false);
            return null;
        }
        try {
            return get();
        } catch (RuntimeException | Error e) {
            return null; // whoever needed it has seen it
        }
    }

    private static RuntimeException failure(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(cause);
    }
}
