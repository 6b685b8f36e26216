package dev.serai.ledger;

import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Replays or discards all dead letters that match, in sequence order and in small transactions.
 *
 * <p>Threads: safe.
 */
final class DeadLetters {
    private static final int STEP = 500;

    private final ShardMap shards;
    private final Executor executor;

    DeadLetters(ShardMap shards, Executor executor) {
        this.shards = shards;
        this.executor = executor;
    }

    /** Returns how many were moved. */
    CompletableFuture<Integer> move(DeliveryFilter filter, LetterMove how) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                next(new StandingWalk(shards, filter, DeliveryState.DEAD), 0, how, done);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private void next(StandingWalk walk, int before, LetterMove how, CompletableFuture<Integer> done) {
        StandingPage page;
        try {
            page = walk.next(STEP);
        } catch (RuntimeException e) {
            done.completeExceptionally(new LedgerException.Unfinished(before, e));
            return;
        }
        if (page == null) {
            done.complete(before);
            return;
        }
        how.move(page).whenComplete((moved, failure) -> {
            if (moved == null) {
                done.completeExceptionally(new LedgerException.Unfinished(before, failure));
            } else {
                executor.execute(() -> next(walk, before + moved.size(), how, done));
            }
        });
    }
}
