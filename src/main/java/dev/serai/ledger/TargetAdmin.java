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
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.IntFunction;
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
    /** Guarded by this. */
    private final Map<TargetName, OpenTarget> open = new HashMap<>();

    /** The shards that this node gives away or has given away: nothing new is delivered from them. Guarded by this. */
    private final Set<Integer> leaving = new HashSet<>();

    /** What the other nodes said last. */
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
    }

    /** See {@link Ledger#subscribe}. */
    synchronized Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
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
        ShardedSubscription subscription = new ShardedSubscription(settings.clock(), () -> closed(name));
        OpenTarget opened = new OpenTarget(options, target, outlet, recorder, subscription);
        List<OpenSubscription> parts = new ArrayList<>();
        try {
            for (Shard shard : shards.own()) {
                if (!leaving.contains(shard.number())) {
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
            add(shard, name, opened.options().fromEarliest() ? 0 : Transaction.NEWEST);
        } catch (StoreException e) {
            part.remove();
            throw e;
        }
        return part;
    }

    private synchronized void closed(TargetName name) {
        OpenTarget closed = open.remove(name);
        heard.remove(name);
        if (closed != null) {
            closed.recorder().downElsewhere(null);
        }
    }

    /** This node has got a shard: all targets that have a route here are delivered to from it too. */
    @Override
    public synchronized void opened(Shard shard) {
        leaving.remove(shard.number());
        open.forEach((name, target) -> target.subscription().add(shard.number(), part(shard, name, target)));
    }

    @Override
    public synchronized void heard() {
        open.forEach((name, target) -> {
            TargetElsewhere elsewhere = owners.elsewhere(name);
            target.recorder().downElsewhere(elsewhere.downSince().orElse(null));
            TargetElsewhere last = heard.getOrDefault(name, TargetElsewhere.NONE);
            heard.put(name, elsewhere);
            boolean isBack = elsewhere.recoveries() > last.recoveries();
            if (isBack || elsewhere.isProbed() != last.isProbed()) { // it may send now, so not on this thread
                settings.scheduler().execute(() -> target.outlet().heard(elsewhere.isProbed(), isBack));
            }
        });
    }

    @Override
    public void stopping(Shard shard) {
        synchronized (this) {
            leaving.add(shard.number());
        }
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

    private synchronized List<ShardedSubscription> subscriptions() {
        return open.values().stream().map(OpenTarget::subscription).toList();
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
        return onAllNodes(name, () -> removeOwn(name), calls -> calls.remove(name));
    }

    /** See {@link Ledger#pause}. */
    CompletableFuture<Void> pause(TargetName name, @Nullable Pause pause) {
        return onAllNodes(name, () -> pauseOwn(name, pause), calls -> calls.pause(name, pause));
    }

    CompletableFuture<Void> removeOwn(TargetName name) {
        return inOwnShards(shard -> {
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
        return inOwnShards(shard -> {
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

    private CompletableFuture<Void> inOwnShards(Function<Shard, CompletableFuture<Void>> action) {
        List<Shard> own = shards.own();
        return allOf(
                own.stream().map(action).toList(),
                number -> "shard " + own.get(number).number());
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
            return allOf(done, number -> number == 0 ? "this node" : "another node");
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Waits for all. If some cannot be reached, the failure says which. @param place of each, for people */
    private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> done, IntFunction<String> place) {
        return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).exceptionally(any -> {
            Throwable first = any.getCause() == null ? any : any.getCause();
            StringJoiner missing = new StringJoiner(", ");
            for (int number = 0; number < done.size(); number++) {
                if (done.get(number).isCompletedExceptionally()) {
                    missing.add(place.apply(number));
                }
            }
            boolean isPart = done.stream().anyMatch(one -> !one.isCompletedExceptionally());
            if (isPart && first instanceof LedgerException.Unavailable) {
                String text =
                        "done in part only, do it again later; not done: " + missing + " (" + first.getMessage() + ")";
                throw new LedgerException.Unavailable(text, first.getCause() == null ? first : first.getCause());
            }
            throw new CompletionException(first);
        });
    }
}
