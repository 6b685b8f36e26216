package dev.serai.connector.tcp;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks of one connection on shared threads, one after the other: each begins when the one before has passed its turn on,
 * which it can do before it is finished, and on any thread.
 *
 * <p>Threads: safe.
 */
public final class TaskSequence<T> {

    private final Executor threads;
    private final Task<T> task;
    private final Consumer<T> rejected;
    private final Queue<T> waiting = new ArrayDeque<>();
    private @Nullable Turn current;

    /** What is done with each. */
    interface Task<T> {
        /** @param passOn starts the next task; only the first call has an effect */
        void run(T subject, Runnable passOn);
    }

    /** @param rejected gets the tasks that cannot run because the threads have ended */
    TaskSequence(Executor threads, Task<T> task, Consumer<T> rejected) {
        this.threads = threads;
        this.task = task;
        this.rejected = rejected;
    }

    void add(T subject) {
        synchronized (this) {
            waiting.add(subject);
            if (current != null) {
                return;
            }
            current = new Turn();
        }
        start();
    }

    private void start() {
        try {
            threads.execute(this::run);
        } catch (RejectedExecutionException e) {
            T subject;
            while ((subject = next()) != null) {
                rejected.accept(subject);
            }
        }
    }

    /** As long as turns are passed on at once, it stays on this thread. */
    private void run() {
        T subject;
        while ((subject = next()) != null) {
            Turn turn = turn();
            task.run(subject, turn);
            if (turn.isKept()) {
                return;
            }
        }
    }

    private synchronized @Nullable T next() {
        T subject = waiting.poll();
        current = subject == null ? null : new Turn();
        return subject;
    }

    private synchronized Turn turn() {
        if (current == null) {
            throw new IllegalStateException("no task has the turn");
        }
        return current;
    }

    private final class Turn implements Runnable {
        private boolean passed;
        private boolean left;

        @Override
        public void run() {
            synchronized (TaskSequence.this) {
                if (passed) {
                    return;
                }
                passed = true;
                if (!left) {
                    return;
                }
            }
            start();
        }

        /** Whether the task is back without having passed its turn on; then passing it on starts the next. */
        boolean isKept() {
            synchronized (TaskSequence.this) {
                left = !passed;
                return left;
            }
        }
    }
}
