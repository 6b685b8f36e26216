package dev.serai.ledger;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.write.AcceptWrite;
import dev.serai.ledger.write.IntakeLimit;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks new changes and submits them to the writer, up to the queue limits.
 *
 * <p>Threads: safe.
 */
final class Intake {
    /** Delays the answer to a refused change, so that a sender that retries at once does not keep the writer busy. */
    private static final Duration REFUSAL_DELAY = Duration.ofSeconds(1);

    private final Writer writer;
    private final LedgerSettings settings;
    private final IntakeLimit limit;
    private final ChangeValidator validator;
    private volatile boolean draining;

    Intake(Writer writer, LedgerSettings settings) {
        this.writer = writer;
        this.settings = settings;
        Limits limits = settings.limits();
        this.limit = new IntakeLimit(limits.queuedChangesMax(), limits.queuedBytesMax());
        this.validator = new ChangeValidator(limits.nameCharsMax());
    }

    /** Refuses new changes from now on. */
    void drain() {
        draining = true;
    }

    /**
     * Accepts a change.
     *
     * @param whenDurable called with the receipt before any target gets the change, on the writer's thread
     * @param loop completes the future; null for the ledger's own threads
     */
    CompletableFuture<Receipt> accept(Change change, Consumer<Receipt> whenDurable, @Nullable Executor loop) {
        List<Change> changes = List.of(change);
        try {
            check(changes);
            if (!limit.tryEnter(1, change.body().length)) {
                throw new LedgerException.Overloaded(
                        "changes arrive faster than they can be made durable; send this one again later",
                        Duration.ofSeconds(1));
            }
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
        return submit(changes, null, receipts -> whenDurable.accept(receipts.get(0)), loop)
                .thenApply(receipts -> receipts.get(0));
    }

    /** Accepts all or none; waits while the queue is full. */
    CompletableFuture<List<Receipt>> accept(List<Change> changes, @Nullable Cursor cursor) throws InterruptedException {
        try {
            check(changes);
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
        limit.enter(changes.size(), AcceptWrite.bytesOf(changes));
        return submit(changes, cursor, receipts -> {}, null);
    }

    private CompletableFuture<List<Receipt>> submit(
            List<Change> changes,
            @Nullable Cursor cursor,
            Consumer<List<Receipt>> whenDurable,
            @Nullable Executor loop) {
        AcceptWrite write = new AcceptWrite(
                changes,
                cursor,
                settings.clock(),
                settings.completions(),
                loop,
                this::afterRefusal,
                () -> limit.leave(changes.size(), AcceptWrite.bytesOf(changes)),
                whenDurable);
        writer.submit(write);
        return write.answer();
    }

    private void afterRefusal(Runnable answer) {
        settings.scheduler().schedule(answer, REFUSAL_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void check(List<Change> changes) {
        if (draining) {
            throw new LedgerException.Overloaded("this node is stopping; send the change again", Duration.ofSeconds(5));
        }
        Optional<String> trouble = writer.trouble();
        if (trouble.isPresent()) {
            throw new LedgerException.Unavailable(
                    trouble.get() + "; nothing was accepted: send it again later", new StoreException(trouble.get()));
        }
        validator.requireValid(changes);
    }
}
