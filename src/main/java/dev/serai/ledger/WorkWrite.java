package dev.serai.ledger;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A rare write with a result, for example a position, a pause or a replay.
 *
 * @param <T> what it gives back once durable
 */
final class WorkWrite<T> extends Write {
    private final Function<Transaction, T> work;
    private final boolean urgent;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private T result;

    @SuppressWarnings("NullAway.Init") // set by apply, read only after it
    WorkWrite(boolean urgent, Function<Transaction, T> work) {
        this.urgent = urgent;
        this.work = work;
    }

    /** Completes on the writer's thread. */
    CompletableFuture<T> done() {
        return done;
    }

    @Override
    void apply(Transaction transaction) {
        result = work.apply(transaction);
    }

    @Override
    void committed() {
        done.complete(result);
    }

    @Override
    boolean failed(StoreException reason) {
        done.completeExceptionally(
                new LedgerException.Unavailable("the ledger could not be written: " + reason.getMessage(), reason));
        return false;
    }

    @Override
    boolean isUrgent() {
        return urgent;
    }
}
