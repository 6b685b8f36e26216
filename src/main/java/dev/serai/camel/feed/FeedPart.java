package dev.serai.camel.feed;

import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.model.LedgerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Answers the calls of other nodes about a feed, with the changes of this node's shards alone.
 *
 * <p>Threads: safe.
 */
final class FeedPart implements Function<FeedCall, CompletableFuture<FeedAnswer>> {
    private final Feed own;
    private final StreamLeases streams;
    private final ScheduledExecutorService scheduler;

    FeedPart(Feed own, StreamLeases streams, ScheduledExecutorService scheduler) {
        this.own = own;
        this.streams = streams;
        this.scheduler = scheduler;
    }

    @Override
    public CompletableFuture<FeedAnswer> apply(FeedCall call) {
        String cursor = call.cursor();
        if (call.step() == FeedCall.FeedStep.LEASE) {
            return lease(call);
        } else if (cursor == null) {
            return CompletableFuture.failedFuture(new LedgerException.Invalid("a call about a lease needs its cursor"));
        }
        switch (call.step()) {
            case ACKNOWLEDGE -> {
                return CompletableFuture.completedFuture(
                        FeedAnswer.acknowledged(own.acknowledge(cursor).name()));
            }
            case GIVE_BACK -> own.notRead(cursor);
            default -> streams.ended(cursor);
        }
        return CompletableFuture.completedFuture(FeedAnswer.NONE);
    }

    private CompletableFuture<FeedAnswer> lease(FeedCall call) {
        CompletableFuture<FeedAnswer> answer = new CompletableFuture<>();
        Runnable bell = () -> answer.complete(FeedAnswer.NONE);
        FeedLease lease = own.take(call.limit(), call.asker(), call.waitMillis() > 0 ? bell : null);
        if (lease != null) {
            lease.written().run(); // the node of the reader counts it until it is read
            return CompletableFuture.completedFuture(new FeedAnswer(lease.cursor(), lease.changes(), ""));
        } else if (call.waitMillis() == 0) {
            return CompletableFuture.completedFuture(FeedAnswer.NONE);
        }
        Future<?> end = scheduler.schedule(
                () -> {
                    own.remove(bell);
                    bell.run();
                },
                call.waitMillis(),
                TimeUnit.MILLISECONDS);
        return answer.whenComplete((none, failure) -> end.cancel(false));
    }
}
