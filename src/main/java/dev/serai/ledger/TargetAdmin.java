package dev.serai.ledger;

import dev.serai.ledger.chain.ChainBook;
import dev.serai.ledger.chain.TargetRecorder;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.dispatch.OpenSubscription;
import dev.serai.ledger.dispatch.ShardedSubscription;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.write.WorkWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adds, pauses and removes targets.
 *
 * <p>Threads: safe.
 */
final class TargetAdmin {
    private final ShardMap shards;
    private final WaiterRegistry waiters;
    private final LedgerSettings settings;
    private final ChainBook chains;

    TargetAdmin(ShardMap shards, WaiterRegistry waiters, LedgerSettings settings, ChainBook chains) {
        this.shards = shards;
        this.waiters = waiters;
        this.settings = settings;
        this.chains = chains;
    }

    /** See {@link Ledger#subscribe}. */
    Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        ChangeValidator.requireName("flow", name.flow());
        ChangeValidator.requireName("target", name.target());
        DispatcherRegistry any = shards.first().dispatchers(); // the same targets are open in all shards
        TargetRecorder recorder = chains.open(name, options);
        Outlet outlet = new Outlet(
                name,
                options,
                circuit,
                settings,
                recorder,
                () -> any.windowBytes(settings.limits()),
                () -> any.heldKeys(settings.limits()));
        List<OpenSubscription> parts = new ArrayList<>();
        try {
            for (Shard shard : shards.all()) {
                Dispatcher dispatcher = new Dispatcher(
                        name,
                        options,
                        target,
                        outlet,
                        recorder,
                        shard.store(),
                        shard.writer(),
                        waiters,
                        shard.settings());
                shard.dispatchers().add(dispatcher);
                parts.add(new OpenSubscription(dispatcher, shard.dispatchers(), shard.writer()));
                add(shard, name, options.fromEarliest() ? 0 : Transaction.NEWEST);
            }
        } catch (StoreException | IllegalStateException e) {
            parts.forEach(OpenSubscription::remove);
            throw e;
        }
        return parts.size() == 1 ? parts.get(0) : new ShardedSubscription(parts);
    }

    /** Writes the target even if it exists, because the writer may be about to remove it. */
    private static void add(Shard shard, TargetName name, long position) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            transaction.addTarget(name, position);
            return true;
        });
        shard.writer().write(write);
    }

    /** See {@link Ledger#removeTarget}. */
    CompletableFuture<Void> remove(TargetName name) {
        return inAllShards(name, shard -> {
            WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
                // Checked on the writer's thread, because a subscription registers its dispatcher before it adds its
                // target.
                boolean unused = shard.dispatchers().find(name) == null;
                if (unused && transaction.knows(name)) {
                    transaction.removeTarget(name);
                }
                return unused;
            });
            shard.writer().submit(write);
            return write.done().thenAccept(removed -> {
                if (!removed) {
                    throw new LedgerException.InUse("target " + name + " is in use: stop its route first");
                }
            });
        });
    }

    /** See {@link Ledger#pause}. */
    CompletableFuture<Void> pause(TargetName name, @Nullable Pause pause) {
        return inAllShards(name, shard -> {
            WorkWrite<Boolean> write = new WorkWrite<>(
                    true,
                    transaction -> {
                        if (transaction.knows(name)) {
                            transaction.pause(name, pause);
                        }
                        return pause != null;
                    },
                    durable -> {
                        Dispatcher dispatcher = shard.dispatchers().find(name);
                        if (dispatcher != null) {
                            dispatcher.operator().pause(durable);
                        }
                    });
            shard.writer().submit(write);
            return write.done().thenAccept(done -> {});
        });
    }

    private CompletableFuture<Void> inAllShards(TargetName name, Function<Shard, CompletableFuture<Void>> action) {
        if (!shards.knows(name)) {
            return CompletableFuture.failedFuture(new LedgerException.Invalid("target " + name + " does not exist"));
        }
        List<CompletableFuture<Void>> done = shards.all().stream().map(action).toList();
        return done.size() == 1 ? done.get(0) : CompletableFuture.allOf(done.toArray(CompletableFuture[]::new));
    }
}
