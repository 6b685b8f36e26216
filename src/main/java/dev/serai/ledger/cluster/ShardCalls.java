package dev.serai.ledger.cluster;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.cluster.ShardOrder.OrderResult;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.TargetDrift;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a node does for others with the shards that it has. It never passes a call on: without the shard the call fails.
 *
 * <p>Threads: safe; no call blocks. Futures fail with {@link LedgerException}.
 */
public interface ShardCalls {

    /**
     * Makes changes of one shard durable, all or none.
     *
     * @param loop completes the future; null for the node's own threads
     * @return a receipt for each, in their order
     */
    CompletableFuture<List<Receipt>> accept(int shard, List<Change> changes, @Nullable Executor loop);

    /**
     * Makes a change durable and waits until its targets have it.
     *
     * @param await the name of the target to wait for, or null for all of the flow
     */
    CompletableFuture<Confirmation> acceptAndWait(int shard, Change change, @Nullable String await, Duration timeout);

    /** Saves a cursor of a source. */
    CompletableFuture<Void> save(int shard, Cursor cursor);

    /** Does what an operator wants with deliveries. */
    CompletableFuture<OrderResult> act(int shard, ShardOrder order);

    /** An id for a replay at a pace that is to begin. */
    CompletableFuture<Long> newReplay();

    /**
     * Begins, resumes or stops a replay at a pace, which runs where the first shard is. Completes with its state when that is
     * stored; at its end the node notes the outcome of its entry in the audit.
     */
    CompletableFuture<Replay> replay(ReplayOrder order);

    /** Adds an entry to the audit, which is in the first shard, or changes the one with its id; returns the id. */
    CompletableFuture<Long> audit(AuditEntry entry);

    /**
     * Keeps what another node counted of its attempts in a minute, where the first shard is. Completes with the targets whose failures
     * do not fit those of the last day when it is stored.
     */
    CompletableFuture<List<TargetDrift>> count(Instant minute, List<ChainRows> rows);

    /** How the node is doing. */
    CompletableFuture<NodeProgress> progress();

    /** Asks for changes of a feed, or tells what became of some, see {@link NodeTalk}. */
    CompletableFuture<FeedAnswer> feed(FeedCall call);

    /**
     * Asks a part of the node outside of the ledger, which answers for all nodes where the first shard is, see {@link NodeTalk}.
     *
     * @param text in the words of that part, like the answer
     */
    CompletableFuture<String> ask(String part, String text);

    /** Pauses a target in all shards that the node has, or ends its pause if {@code pause} is null. */
    CompletableFuture<Void> pause(TargetName name, @Nullable Pause pause);

    /** Removes a target from all shards that the node has; fails with {@link LedgerException.InUse} if it has a route there. */
    CompletableFuture<Void> remove(TargetName name);
}
