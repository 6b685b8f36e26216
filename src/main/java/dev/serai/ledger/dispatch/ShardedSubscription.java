package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Subscription;
import java.time.Duration;
import java.util.List;

/**
 * The subscription of one target in all shards.
 *
 * <p>Threads: safe.
 */
public final class ShardedSubscription implements Subscription {
    private final List<OpenSubscription> shards;

    public ShardedSubscription(List<OpenSubscription> shards) {
        this.shards = List.copyOf(shards);
    }

    /** If a shard cannot be started, the next call starts only it and those after it. */
    @Override
    public void start() {
        for (OpenSubscription shard : shards) {
            if (!shard.wasStarted()) {
                shard.start();
            }
        }
    }

    @Override
    public void suspend() {
        shards.forEach(OpenSubscription::suspend);
    }

    @Override
    public void resume() {
        shards.forEach(OpenSubscription::resume);
    }

    /** All shards stop together, within one time. */
    @Override
    public boolean close(Duration timeout) {
        shards.forEach(OpenSubscription::stop);
        long deadline = System.nanoTime() + timeout.toNanos();
        boolean quiet = true;
        boolean interrupted = Thread.interrupted(); // the positions are saved all the same
        for (OpenSubscription shard : shards) {
            try {
                long left = interrupted ? 0 : Math.max(0, deadline - System.nanoTime());
                quiet &= shard.awaitQuiet(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                interrupted = true;
                quiet = false;
            }
        }
        try {
            shards.forEach(OpenSubscription::end);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return quiet;
    }
}
