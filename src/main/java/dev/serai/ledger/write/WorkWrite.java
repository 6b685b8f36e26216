package dev.serai.ledger.write;

import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A rare write with a result, for example a position, a pause or a replay.
 *
 * @param <T> the result, returned when it is durable
 */
public final class WorkWrite<T> extends Write {
    private final Function<Transaction, T> work;
    private final @Nullable Consumer<T> effect;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private T result;

    /** Work that is given up when a commit fails. */
    public WorkWrite(boolean urgent, Function<Transaction, T> work) {
        this(urgent, work, null);
    }

    /**
     * Work that memory must follow. When a commit fails {@link #done} fails as well, but the work is applied again until
     * it is durable, so applying it twice must come to the same.
     *
     * @param effect called on the writer's thread once durable
     */
    @SuppressWarnings("NullAway.Init") // the result is set by apply, and read only after it
    public WorkWrite(boolean urgent, Function<Transaction, T> work, @Nullable Consumer<T> effect) {
        this.work = work;
        this.effect = effect;
        if (urgent) {
            linger(0);
        }
    }

    /** A write that ends the writer with this error. */
    public static WorkWrite<Boolean> thatFails(Error error) {
        return new WorkWrite<>(
                true,
                transaction -> {
                    throw error;
                },
                done -> {}); // given again after a failed commit
    }

    /** Completes on the writer's thread. */
    public CompletableFuture<T> done() {
        return done;
    }

    @Override
    public void apply(Transaction transaction) {
        result = work.apply(transaction);
    }

    @Override
    public void committed() {
        if (effect != null) {
            effect.accept(result);
        }
        done.complete(result);
    }

    @Override
    public boolean failed(StoreException reason) {
        done.completeExceptionally(
                new LedgerException.Unavailable("the ledger could not be written: " + reason.getMessage(), reason));
        return effect != null;
    }

    @Override
    public void refused(RuntimeException reason) {
        done.completeExceptionally(
                new LedgerException.Unavailable("the ledger could not carry this out: " + reason, reason));
    }
}
