package dev.serai.ledger;

import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.WaiterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for one change, from when it is durable until its targets have it or the timeout ends.
 *
 * <p>Threads: {@code begin} runs on the writer's thread before any target gets the change; {@code confirmation} runs on
 * another thread after it.
 */
final class Wait {
    private static final Logger LOG = LoggerFactory.getLogger(Wait.class);

    private final ShardMap shards;
    private final Overview overview;
    private final WaiterRegistry waiters;
    private final ScheduledExecutorService scheduler;
    private final Set<TargetName> targets;
    private final Duration timeout;
    private volatile WaiterRegistry.@Nullable Waiter waiter;

    Wait(
            ShardMap shards,
            Overview overview,
            WaiterRegistry waiters,
            ScheduledExecutorService scheduler,
            Set<TargetName> targets,
            Duration timeout) {
        this.shards = shards;
        this.overview = overview;
        this.waiters = waiters;
        this.scheduler = scheduler;
        this.targets = targets;
        this.timeout = timeout;
    }

    void begin(Receipt receipt) {
        waiter = waiters.add(receipt, targets);
    }

    CompletableFuture<Confirmation> confirmation() {
        WaiterRegistry.Waiter begun = waiter;
        if (begun == null) {
            throw new IllegalStateException("not begun");
        }
        ScheduledFuture<?> end = scheduler.schedule(begun::giveUp, timeout.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Confirmation> confirmed = begun.done().whenComplete((confirmation, failure) -> {
            end.cancel(false);
            waiters.forget(begun);
        });
        if (begun.receipt().duplicate()) {
            scheduler.execute(() -> look(begun));
        }
        return confirmed;
    }

    /** Reports the deliveries of a duplicate that ended before this wait began. */
    private void look(WaiterRegistry.Waiter begun) {
        Set<TargetName> rest = new HashSet<>(targets);
        try {
            Optional<Entry> entry = shards.of(begun.receipt().sequence())
                    .store()
                    .entry(begun.receipt().sequence());
            if (entry.isPresent()) {
                for (Delivery delivery : overview.deliveries(entry.get())) {
                    rest.remove(delivery.target());
                    if (delivery.state().isSettled()) {
                        begun.settled(delivery.target(), delivery.state(), delivery.error(), null);
                    }
                }
            }
            rest.forEach(begun::notFor);
        } catch (StoreException e) {
            LOG.debug(
                    "Reading the deliveries of change {} failed: {}",
                    begun.receipt().sequence(),
                    e.getMessage());
        }
    }
}
