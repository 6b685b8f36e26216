package dev.serai.ledger.write;

import dev.serai.ledger.model.Transaction;
import dev.serai.task.FailureLog;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Writes of figures that nobody waits for. One that fails is given up: nobody knows whether it took effect, and it must not be added
 * twice.
 *
 * <p>Threads: safe.
 */
public final class WriteSequence {
    private final Writer writer;
    private final FailureLog problems;

    /** @param problems takes note of failures and successes */
    public WriteSequence(Writer writer, FailureLog problems) {
        this.writer = writer;
        this.problems = problems;
    }

    /** One after the other, so that other writes come between them. */
    public void submit(Collection<Consumer<Transaction>> parts) {
        next(new ArrayDeque<>(parts));
    }

    /** Without waiting, because the writer is about to be closed. */
    public void submitAtOnce(Collection<Consumer<Transaction>> parts) {
        parts.forEach(this::submit);
    }

    private void next(Deque<Consumer<Transaction>> parts) {
        Consumer<Transaction> part = parts.poll();
        if (part != null) {
            submit(part).whenComplete((done, failure) -> next(parts));
        }
    }

    private CompletableFuture<Boolean> submit(Consumer<Transaction> part) {
        WorkWrite<Boolean> write = new WorkWrite<>(false, transaction -> {
            part.accept(transaction);
            return true;
        });
        writer.submit(write);
        return write.done().whenComplete((done, failure) -> problems.ended(failure));
    }
}
