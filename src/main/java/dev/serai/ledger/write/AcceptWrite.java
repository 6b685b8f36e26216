package dev.serai.ledger.write;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Changes that arrived together and the cursor after them: all are accepted or none. */
public final class AcceptWrite extends Write {
    private final List<Change> changes;
    private final @Nullable Cursor cursor;
    private final InstantSource clock;
    private final Executor completions;
    private final @Nullable Executor loop;
    private final Executor refusals;
    private final Runnable done;
    private final Consumer<List<Receipt>> whenDurable;
    private final CompletableFuture<List<Receipt>> answer = new CompletableFuture<>();
    private final long bytes;

    private List<Receipt> receipts = List.of();
    private List<Entry> added = List.of();
    private LedgerException.@Nullable Conflict conflict;

    /**
     * @param completions completes the answer, off the writer's thread
     * @param loop completes it instead, together with others of the same group, if it is not null
     * @param refusals delays the answer to a refused write, so that a sender that repeats it does not keep the writer busy
     * @param done runs when the write has left the queue, whether it succeeded or not
     * @param whenDurable takes the receipts before any target gets a change; on the writer's thread
     */
    public AcceptWrite(
            List<Change> changes,
            @Nullable Cursor cursor,
            InstantSource clock,
            Executor completions,
            @Nullable Executor loop,
            Executor refusals,
            Runnable done,
            Consumer<List<Receipt>> whenDurable) {
        this.changes = changes;
        this.cursor = cursor;
        this.clock = clock;
        this.completions = completions;
        this.loop = loop;
        this.refusals = refusals;
        this.done = done;
        this.whenDurable = whenDurable;
        this.bytes = bytesOf(changes);
        linger(0);
    }

    public static long bytesOf(List<Change> changes) {
        long bytes = 0;
        for (Change change : changes) {
            bytes += change.memoryBytes();
        }
        return bytes;
    }

    public CompletableFuture<List<Receipt>> answer() {
        return answer;
    }

    /** The entries that it added, once applied. */
    List<Entry> added() {
        return added;
    }

    @Override
    public void apply(Transaction transaction) {
        receipts = new ArrayList<>(changes.size());
        added = new ArrayList<>(changes.size());
        DuplicateFinder duplicates = new DuplicateFinder(transaction, changes);
        conflict = duplicates.findConflict();
        if (conflict != null) {
            return;
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        for (int i = 0; i < changes.size(); i++) {
            receipts.add(accept(transaction, changes.get(i), duplicates.match(i), now));
        }
        if (cursor != null) {
            transaction.cursor(cursor);
        }
    }

    private Receipt accept(Transaction transaction, Change change, DuplicateFinder.Match match, Instant now) {
        if (match.sequence() != 0) {
            transaction.duplicate(change.flow());
            return new Receipt(change.flow(), match.id(), match.sequence(), true);
        }
        Change stored = change.withId(match.id());
        long sequence = transaction.insert(stored, now);
        added.add(new Entry(sequence, now, stored));
        return new Receipt(change.flow(), stored.id(), sequence, false);
    }

    @Override
    void durable() {
        done.run();
        if (conflict == null) {
            whenDurable.accept(receipts);
        }
        if (loop == null) {
            completions.execute(this::complete);
        }
    }

    /** Where {@link #complete} has to be called once the write is durable; null if the write sees to it. */
    @Nullable Executor loop() {
        return loop;
    }

    /** Answers: the write is durable. */
    void complete() {
        if (conflict != null) {
            answer.completeExceptionally(conflict);
        } else {
            answer.complete(receipts);
        }
    }

    @Override
    public void committed() {}

    @Override
    public boolean failed(StoreException reason) {
        done.run();
        completions.execute(() -> answer.completeExceptionally(new LedgerException.Unavailable(
                "the ledger could not be written, and whether the change was stored is unknown: send it again with"
                        + " the same id",
                reason)));
        return false;
    }

    @Override
    public void refused(RuntimeException reason) {
        refusals.execute(() -> {
            done.run();
            completions.execute(() -> answer.completeExceptionally(new LedgerException.Unavailable(
                    "the change could not be stored, the log has the details: " + reason, reason)));
        });
    }

    @Override
    public String toString() {
        String first =
                changes.isEmpty() ? "" : ", the first in flow " + changes.get(0).flow();
        return changes.size() + " changes" + first;
    }

    @Override
    int changes() {
        return changes.size();
    }

    @Override
    long bytes() {
        return bytes;
    }
}
