package dev.serai.ledger;

import dev.serai.ledger.chain.ChainBook;
import dev.serai.ledger.chain.TargetRecorder;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.cluster.TargetElsewhere;
import dev.serai.ledger.delivery.ChangeValidator;
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
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Adds, pauses and removes targets.
 *
 * <p>Threads: safe.
 */
final class TargetAdmin implements ShardKeeper.ShardUse {
    private final ShardMap shards;
    private final ShardOwners owners;
    private final WaiterRegistry waiters;
    private final LedgerSettings settings;
    private final ChainBook chains;
    /** Shards are opened together, and each other change of what is open is made alone. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    /** Guarded by the lock. */
    private final Map<TargetName, OpenTarget> open = new HashMap<>();

    /** Shards whose targets are open, or being opened; nothing new is delivered from those that this node gives away. */
    private final Set<Integer> ready = ConcurrentHashMap.newKeySet();

    /** What the other nodes said last. Guarded by the lock. */
    private final Map<TargetName, TargetElsewhere> heard = new HashMap<>();

    /** A target that a route of this node delivers to, in all shards that the node has. */
    private record OpenTarget(
            TargetOptions options,
            Target target,
            Outlet outlet,
            TargetRecorder recorder,
            ShardedSubscription subscription) {}

    TargetAdmin(
            ShardMap shards, ShardOwners owners, WaiterRegistry waiters, LedgerSettings settings, ChainBook chains) {
        this.shards = shards;
        this.owners = owners;
        this.waiters = waiters;
        this.settings = settings;
        this.chains = chains;
        shards.own().forEach(shard -> ready.add(shard.number()));
    }

    private static <T> T with(Lock held, Supplier<T> work) {
        held.lock();
        try {
            return work.get();
        } finally {
            held.unlock();
        }
    }

    /** See {@link Ledger#subscribe}. */
    Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        return with(lock.writeLock(), () -> open(name, options, target, circuit));
    }

    private Subscription open(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        ChangeValidator.requireName("flow", name.flow());
        ChangeValidator.requireName("target", name.target());
        if (open.containsKey(name)) {
            throw new IllegalStateException("target " + name.target() + " of flow " + name.flow()
                    + " is already consumed by another route; give each route its own target name");
        }
        TargetRecorder recorder = chains.open(name, options);
        Outlet outlet = new Outlet(
                name,
                options,
                circuit,
                settings,
                recorder,
                () -> dispatchers().windowBytes(settings.limits()),
                () -> dispatchers().heldKeys(settings.limits()),
                owners::nodes);
        ShardedSubscription subscription =
                new ShardedSubscription(name, settings.clock(), settings.scheduler(), () -> closed(name));
        OpenTarget opened = new OpenTarget(options, target, outlet, recorder, subscription);
        List<OpenSubscription> parts = new ArrayList<>();
        try {
            for (Shard shard : shards.own()) {
                if (ready.contains(shard.number())) {
                    OpenSubscription part = part(shard, name, opened);
                    parts.add(part);
                    subscription.add(shard.number(), part);
                }
            }
        } catch (StoreException | IllegalStateException e) {
            parts.forEach(OpenSubscription::remove);
            throw e;
        }
        open.put(name, opened);
        return subscription;
    }

    /** The dispatchers of any shard, since the same targets are open in all that this node has. */
    private DispatcherRegistry dispatchers() {
        List<Shard> own = shards.own();
        return (own.isEmpty() ? shards.first() : own.get(0)).dispatchers();
    }

    private OpenSubscription part(Shard shard, TargetName name, OpenTarget opened) {
        Dispatcher dispatcher = new Dispatcher(
                name,
                opened.options(),
                opened.target(),
                opened.outlet(),
                opened.recorder(),
                shard.store(),
                shard.writer(),
                waiters,
                shard.settings());
        shard.dispatchers().add(dispatcher);
        OpenSubscription part = new OpenSubscription(dispatcher, shard.dispatchers(), shard.writer());
        try {
            shard.addTarget(name, opened.options().fromEarliest());
        } catch (StoreException e) {
            part.remove();
            throw e;
        }
        return part;
    }

    private void closed(TargetName name) {
        with(lock.writeLock(), () -> {
            OpenTarget closed = open.remove(name);
            heard.remove(name);
            if (closed != null) {
                closed.recorder().downElsewhere(null);
            }
            return name;
        });
    }

    /** This node has got a shard: all targets that have a route here are delivered to from it too. */
    @Override
    public void opened(Shard shard) {
        with(lock.readLock(), () -> {
            ready.add(shard.number());
            open.forEach((name, target) -> target.subscription().add(shard.number(), part(shard, name, target)));
            return shard;
        });
    }

    @Override
    public void heard() {
        with(lock.writeLock(), () -> {
            open.forEach(this::heard);
            return open;
        });
    }

    private void heard(TargetName name, OpenTarget target) {
        TargetElsewhere elsewhere = owners.elsewhere(name);
        target.recorder().downElsewhere(elsewhere.downSince().orElse(null));
        TargetElsewhere last = heard.getOrDefault(name, TargetElsewhere.NONE);
        heard.put(name, elsewhere);
        boolean isBack = elsewhere.recoveries() > last.recoveries();
        if (isBack || elsewhere.isProbed() != last.isProbed()) { // it may send now, so not on this thread
            settings.scheduler().execute(() -> target.outlet().heard(elsewhere.isProbed(), isBack));
        }
    }

    @Override
    public void stopping(Shard shard) {
        with(lock.readLock(), () -> ready.remove(shard.number()));
        subscriptions().forEach(subscription -> subscription.stop(shard.number()));
    }

    /** Saves the positions too. The targets have one time together. */
    @Override
    public void leave(Shard shard, Duration timeout) {
        long deadlineMillis = settings.clock().monotonicMillis() + timeout.toMillis();
        for (ShardedSubscription subscription : subscriptions()) {
            long left = Math.max(0, deadlineMillis - settings.clock().monotonicMillis());
            subscription.leave(shard.number(), Duration.ofMillis(left));
        }
    }

    private List<ShardedSubscription> subscriptions() {
        return with(
                lock.readLock(),
                () -> open.values().stream().map(OpenTarget::subscription).toList());
    }

    /** See {@link Ledger#removeTarget}. */
    CompletableFuture<Void> remove(TargetName name) {
        return onAllNodes(name, () -> removeOwn(name), calls -> calls.remove(name));
    }

    /** See {@link Ledger#pause}. */
    CompletableFuture<Void> pause(TargetName name, @Nullable Pause pause) {
        return onAllNodes(name, () -> pauseOwn(name, pause), calls -> calls.pause(name, pause));
    }

    CompletableFuture<Void> removeOwn(TargetName name) {
        return shards.inOwn(shard -> {
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

    CompletableFuture<Void> pauseOwn(TargetName name, @Nullable Pause pause) {
        return shards.inOwn(shard -> {
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

    private CompletableFuture<Void> onAllNodes(
            TargetName name,
            Supplier<CompletableFuture<Void>> here,
            Function<ShardCalls, CompletableFuture<Void>> there) {
        if (!shards.knows(name)) {
            return CompletableFuture.failedFuture(new LedgerException.Invalid("target " + name + " does not exist"));
        }
        try {
            List<ShardCalls> others = owners.others();
            List<CompletableFuture<Void>> done = new ArrayList<>(List.of(here.get()));
            others.forEach(calls -> done.add(there.apply(calls)));
            return ShardMap.allOf(done, number -> number == 0 ? "this node" : "another node");
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
