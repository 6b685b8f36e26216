package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.delivery.ChangeValidator;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.write.AcceptWrite;
import dev.serai.ledger.write.IntakeLimit;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks new changes and submits them to the writers of their shards, up to the queue limits, or to the nodes that have them.
 *
 * <p>Threads: safe.
 */
final class Intake {
    /** Delays the answer to a refused change, so that a sender that retries at once does not keep the writer busy. */
    private static final Duration REFUSAL_DELAY = Duration.ofSeconds(1);

    private final ShardMap shards;
    private final ShardOwners owners;
    private final LedgerSettings settings;
    private final IntakeLimit limit;
    private final ChangeValidator validator;
    private volatile boolean draining;

    Intake(ShardMap shards, ShardOwners owners, LedgerSettings settings) {
        this.shards = shards;
        this.owners = owners;
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
        Shard shard = shards.of(change.flow(), change.key());
        if (!shard.isOwn()) {
            return forward(shard, changes, loop).thenApply(receipts -> receipts.get(0));
        }
        return acceptOwn(shard, changes, receipts -> whenDurable.accept(receipts.get(0)), loop)
                .thenApply(receipts -> receipts.get(0));
    }

    /** Accepts all or none, in a shard that this node has; refuses them if the queue is full. */
    CompletableFuture<List<Receipt>> acceptOwn(
            Shard shard, List<Change> changes, Consumer<List<Receipt>> whenDurable, @Nullable Executor loop) {
        try {
            check(shard, changes);
            if (!limit.tryEnter(changes.size(), AcceptWrite.bytesOf(changes))) {
                throw new LedgerException.Overloaded(
                        "changes arrive faster than they can be made durable; send this one again later",
                        Duration.ofSeconds(1));
            }
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
        return submit(shard, changes, null, whenDurable, loop);
    }

    /** Has the node accept them that has the shard. */
    private CompletableFuture<List<Receipt>> forward(Shard shard, List<Change> changes, @Nullable Executor loop) {
        try {
            return ownerOf(shard, changes).accept(shard.number(), changes, loop);
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The node that has a shard. What is invalid is refused here, and not sent there. */
    ShardCalls ownerOf(Shard shard, List<Change> changes) {
        refuseIfDraining();
        validator.requireValid(changes);
        return owners.of(shard.number());
    }

    /**
     * Accepts all or none, if all of them fall to one shard. Otherwise each shard accepts its part or none of it, and the cursor
     * follows when all have: a source that repeats the batch after a failure sends nothing twice, because ids tell. Waits while
     * the queue is full.
     */
    CompletableFuture<List<Receipt>> accept(List<Change> changes, @Nullable Cursor cursor) throws InterruptedException {
        Map<Integer, List<Integer>> parts = parts(changes, cursor);
        try {
            for (int shard : parts.keySet()) {
                check(shards.get(shard), changes);
            }
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
        Shard only = shards.get(parts.keySet().iterator().next());
        if (parts.size() == 1 && only.isOwn()) {
            limit.enter(changes.size(), AcceptWrite.bytesOf(changes));
            return submit(only, changes, cursor, receipts -> {}, null);
        }
        Receipt[] receipts = new Receipt[changes.size()];
        List<CompletableFuture<Void>> accepted = new ArrayList<>();
        for (Map.Entry<Integer, List<Integer>> part : parts.entrySet()) {
            List<Integer> places = part.getValue();
            accepted.add(acceptPart(
                            shards.get(part.getKey()),
                            places.stream().map(changes::get).toList())
                    .thenAccept(each -> {
                        for (int i = 0; i < each.size(); i++) {
                            receipts[places.get(i)] = each.get(i);
                        }
                    }));
        }
        return CompletableFuture.allOf(accepted.toArray(CompletableFuture[]::new))
                .thenCompose(all -> cursor == null ? CompletableFuture.completedFuture(null) : save(cursor))
                .thenApply(saved -> List.of(receipts));
    }

    private CompletableFuture<List<Receipt>> acceptPart(Shard shard, List<Change> some) throws InterruptedException {
        if (!shard.isOwn()) {
            return some.isEmpty() ? CompletableFuture.completedFuture(List.of()) : forward(shard, some, null);
        }
        limit.enter(some.size(), AcceptWrite.bytesOf(some));
        return submit(shard, some, null, receipts -> {}, null);
    }

    /** By shard: the places of its changes in the list. A cursor's shard has a part as well. */
    private Map<Integer, List<Integer>> parts(List<Change> changes, @Nullable Cursor cursor) {
        Map<Integer, List<Integer>> parts = new LinkedHashMap<>();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            int shard = shards.of(change.flow(), change.key()).number();
            parts.computeIfAbsent(shard, none -> new ArrayList<>()).add(i);
        }
        if (cursor != null || changes.isEmpty()) {
            Shard last = cursor == null ? shards.first() : shards.ofCursor(cursor.name());
            parts.computeIfAbsent(last.number(), none -> new ArrayList<>());
        }
        return parts;
    }

    /** Saves a cursor alone. */
    CompletableFuture<Void> save(Cursor cursor) {
        Shard shard = shards.ofCursor(cursor.name());
        if (shard.isOwn()) {
            return saveOwn(shard, cursor);
        }
        try {
            return owners.of(shard.number()).save(shard.number(), cursor);
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    CompletableFuture<Void> saveOwn(Shard shard, Cursor cursor) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            transaction.cursor(cursor);
            return true;
        });
        shard.writer().submit(write);
        return write.done().thenApply(done -> null);
    }

    private CompletableFuture<List<Receipt>> submit(
            Shard shard,
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
        shard.writer().submit(write);
        return write.answer();
    }

    private void afterRefusal(Runnable answer) {
        settings.scheduler().schedule(answer, REFUSAL_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void check(Shard shard, List<Change> changes) {
        refuseIfDraining();
        Optional<String> trouble = shard.writer().trouble();
        if (trouble.isPresent()) {
            String reason = trouble.get();
            throw new LedgerException.Unavailable(
                    reason + "; nothing was accepted: send it again later",
                    shard.writer().isAway() ? new StoreAwayException(reason) : new StoreException(reason));
        }
        validator.requireValid(changes);
    }

    private void refuseIfDraining() {
        if (draining) {
            throw new LedgerException.Overloaded("this node is stopping; send the change again", Duration.ofSeconds(5));
        }
    }
}
