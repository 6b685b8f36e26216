package dev.serai.ledger.outcome;

import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.Reply;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.TargetName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait until a change is delivered. No thread waits with them. The replies that are kept until all targets have
 * replied take bounded memory: what does not fit is left out, and the change is delivered all the same.
 *
 * <p>Threads: safe; waiting futures complete on the executor.
 */
public final class WaiterRegistry {
    private final Map<Long, List<Waiter>> bySequence = new ConcurrentHashMap<>();
    private final AtomicLong replyBytes = new AtomicLong();
    private final Executor executor;
    private final long replyBytesMax;

    /** The replies that are kept take as much memory at most as changes that wait to be committed. */
    public WaiterRegistry(Executor executor, Limits limits) {
        this.executor = executor;
        this.replyBytesMax = limits.queuedBytesMax();
    }

    /** Waits for these targets until {@link #forget}; they must not be empty. */
    public Waiter add(Receipt receipt, Set<TargetName> targets) {
        Waiter waiter = new Waiter(receipt, targets);
        bySequence.compute(receipt.sequence(), (sequence, others) -> {
            List<Waiter> all = others == null ? new CopyOnWriteArrayList<>() : others;
            all.add(waiter);
            return all;
        });
        return waiter;
    }

    public void forget(Waiter waiter) {
        bySequence.computeIfPresent(waiter.receipt.sequence(), (sequence, others) -> {
            if (others.remove(waiter)) {
                replyBytes.addAndGet(-waiter.keptBytes());
            }
            return others.isEmpty() ? null : others;
        });
    }

    public boolean isAwaited(long sequence) {
        return !bySequence.isEmpty() && bySequence.containsKey(sequence);
    }

    /** A delivery came to its end; others are of no interest here. */
    public void settled(
            long sequence, TargetName target, DeliveryState state, @Nullable String error, @Nullable Reply reply) {
        List<Waiter> waiting = bySequence.isEmpty() ? null : bySequence.get(sequence);
        if (waiting != null && state.isSettled()) {
            waiting.forEach(waiter -> waiter.settled(target, state, error, reply));
        }
    }

    private boolean hasRoom(long bytes) {
        if (replyBytes.addAndGet(bytes) <= replyBytesMax) {
            return true;
        }
        replyBytes.addAndGet(-bytes);
        return false;
    }

    /** One who waits for a change. */
    public final class Waiter {
        private final Receipt receipt;
        private final Set<TargetName> missing;
        private final Map<String, Reply> replies = new TreeMap<>();
        private boolean superseded;
        private boolean delivered;
        private boolean forgotten;
        private long bytes;
        private final CompletableFuture<Confirmation> done = new CompletableFuture<>();

        private Waiter(Receipt receipt, Set<TargetName> targets) {
            this.receipt = receipt;
            this.missing = new HashSet<>(targets);
        }

        public Receipt receipt() {
            return receipt;
        }

        public CompletableFuture<Confirmation> done() {
            return done;
        }

        /** The time is over. */
        public synchronized void giveUp() {
            end(DeliveryState.PENDING, null);
        }

        /** The target will not get this change, for example because it is younger. */
        public synchronized void notFor(TargetName target) {
            if (missing.remove(target)) {
                endIfComplete();
            }
        }

        public synchronized void settled(
                TargetName target, DeliveryState state, @Nullable String error, @Nullable Reply reply) {
            if (!missing.remove(target)) {
                return;
            }
            if (reply != null && !forgotten && hasRoom(reply.body().length)) {
                bytes += reply.body().length;
                replies.put(target.target(), reply);
            }
            superseded |= state == DeliveryState.SUPERSEDED;
            delivered |= state == DeliveryState.DELIVERED;
            if (state == DeliveryState.DEAD || state == DeliveryState.DISCARDED) {
                end(DeliveryState.DEAD, target.target() + ": " + error);
            } else {
                endIfComplete();
            }
        }

        private synchronized long keptBytes() {
            forgotten = true;
            return bytes;
        }

        private void endIfComplete() {
            if (missing.isEmpty()) {
                DeliveryState taken = delivered ? DeliveryState.DELIVERED : DeliveryState.FILTERED;
                end(superseded ? DeliveryState.SUPERSEDED : taken, null);
            }
        }

        private void end(DeliveryState state, @Nullable String error) {
            Confirmation confirmation = new Confirmation(receipt, state, Map.copyOf(replies), error);
            executor.execute(() -> done.complete(confirmation));
        }
    }
}
