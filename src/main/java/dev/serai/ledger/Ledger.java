package dev.serai.ledger;

import dev.serai.ledger.cluster.KeeperThreads;
import dev.serai.ledger.cluster.NodeTalk;
import dev.serai.ledger.cluster.Peers;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import dev.serai.ledger.write.WriterFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The durable ledger between sources and targets.
 *
 * <p>Promise: the ledger acknowledges a change only when it is durable. Every target of the flow then gets it at least
 * once, in order per key and with a stable id, or it becomes a dead letter.
 *
 * <p>Threads: safe.
 */
public final class Ledger extends MergedReads implements AutoCloseable {
    private final LedgerSettings settings;
    private final @Nullable ShardKeeper keeper;
    private final ShardOwners owners;
    private final OwnShards own;
    private final Intake intake;
    private final TargetAdmin targets;
    private final DeliveryActions actions;
    private final Overview overview;
    private final DeliverySearch search;
    private final FlowHistory history;
    private final ClockWatch clockWatch;
    private final WaiterRegistry waiters;
    private final FailureCounts failures;
    private final NodeTalk talk = new NodeTalk();
    private volatile NodePhase phase = NodePhase.RUNNING;

    /** Opens a ledger of one shard and starts its writer. {@link #close} closes the store. */
    public Ledger(Store store, LedgerSettings settings) {
        this(List.of(store), settings);
    }

    /** @param stores one for each shard; their number and order must be the same as before */
    public Ledger(List<Store> stores, LedgerSettings settings) {
        this(stores, settings, Writer::new);
    }

    /** For tests that step the writers themselves. */
    Ledger(List<Store> stores, LedgerSettings given, WriterFactory writers) {
        this(
                given,
                new FailureCounts(given.listener()),
                settings -> new ShardMap(stores, settings, writers),
                (map, ledger) -> null);
    }

    /** A ledger that several nodes share; it takes this node's share of the shards. {@link #close} closes all. */
    public Ledger(SharedShards shared, Peers peers, LedgerSettings given) {
        this(shared, peers, given, Writer::new, KeeperThreads.own());
    }

    /** For tests that step the writers themselves, and decide when a node looks at its shards. */
    Ledger(SharedShards shared, Peers peers, LedgerSettings given, WriterFactory writers, KeeperThreads threads) {
        this(
                given,
                new FailureCounts(given.listener()),
                settings -> new ShardMap(shared, settings, writers),
                (map, ledger) ->
                        new ShardKeeper(shared, peers, map, ledger.failures, ledger.talk, given.clock(), threads));
        peers.serve(own);
    }

    private Ledger(
            LedgerSettings given,
            FailureCounts failures,
            Function<LedgerSettings, ShardMap> map,
            BiFunction<ShardMap, Ledger, @Nullable ShardKeeper> keeperOf) {
        super(map.apply(given.with(failures)));
        this.settings = given.with(failures);
        this.failures = failures;
        this.keeper = keeperOf.apply(shards, this);
        this.owners = keeper == null ? ShardOwners.NONE : keeper;
        shards.owners(owners);
        this.intake = new Intake(shards, owners, settings);
        this.overview = new Overview(shards, owners, failures, this::phase);
        this.search = new DeliverySearch(shards, overview);
        this.actions = new DeliveryActions(shards, settings);
        this.history = new FlowHistory(shards, overview, search, settings, failures);
        this.clockWatch = new ClockWatch(shards, settings);
        this.waiters = new WaiterRegistry(settings.completions(), settings.limits());
        this.targets = new TargetAdmin(shards, owners, waiters, settings, history.chains());
        this.own = new OwnShards(shards, intake, overview, targets, waiters, actions, history.chains(), talk, settings);
        shards.own().forEach(Shard::start);
        clockWatch.start();
        history.start();
        if (keeper == null) {
            actions.start();
        } else {
            keeper.start(List.of(targets, actions.use()));
        }
    }

    /**
     * Makes a change durable. The future fails with {@link LedgerException}, and at once if the change is invalid, the
     * queue is full, or the store cannot be written.
     */
    public CompletableFuture<Receipt> accept(Change change) {
        return intake.accept(change, receipt -> {}, null);
    }

    /** @param loop completes the future, with those of all changes that were committed together in one task */
    public CompletableFuture<Receipt> accept(Change change, Executor loop) {
        return intake.accept(change, receipt -> {}, loop);
    }

    /**
     * Makes a change durable and waits until its targets have it; else as {@link #accept(Change)}. A change that becomes a
     * dead letter, or is not delivered in time, is still accepted.
     *
     * @param await the name of the target to wait for, or null for all of the flow
     * @throws IllegalArgumentException if there is no such target
     */
    public CompletableFuture<Confirmation> acceptAndWait(Change change, @Nullable String await, Duration timeout) {
        Shard shard = shards.of(change.flow(), change.key());
        try {
            ShardCalls calls = shard.isOwn() ? own : intake.ownerOf(shard, List.of(change));
            return calls.acceptAndWait(shard.number(), change, await, timeout);
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    public boolean isAwaited(long sequence) {
        return waiters.isAwaited(sequence);
    }

    /**
     * Makes changes and the cursor after them durable: all or none in a ledger of one shard. With several shards each accepts
     * its part or none of it, and the cursor is saved last; the future fails if a part does. Waits while the queue is full.
     *
     * @param cursor saved in the transaction of the last changes or after them, or null
     */
    public CompletableFuture<List<Receipt>> accept(List<Change> changes, @Nullable Cursor cursor)
            throws InterruptedException {
        return intake.accept(changes, cursor);
    }

    /** Saves a cursor without changes, for example to read a source again from an earlier point. */
    public CompletableFuture<Void> saveCursor(Cursor cursor) {
        return intake.save(cursor);
    }

    /**
     * Adds a target unless it exists, and returns a subscription to it. The ledger keeps every later change of the flow for
     * the target. Throws {@link IllegalStateException} if another subscription of the target is open.
     */
    public Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        return targets.subscribe(name, options, target, circuit);
    }

    /**
     * Deletes a target with its open deliveries and dead letters. A later target of that name is a new one. The future
     * fails with {@link LedgerException.Invalid} if there is no such target, and with {@link LedgerException.InUse} while a
     * subscription to it is open.
     */
    public CompletableFuture<Void> removeTarget(TargetName name) {
        return targets.remove(name);
    }

    /** Pauses a target until it is resumed. The future fails with {@link LedgerException.Invalid} if there is no such target. */
    public CompletableFuture<Void> pause(TargetName name, @Nullable String by, @Nullable String reason) {
        return targets.pause(
                name, new TargetCounts.Pause(false, settings.clock().instant(), by, reason));
    }

    /** Ends a pause; otherwise as {@link #pause}. */
    public CompletableFuture<Void> resume(TargetName name) {
        return targets.pause(name, null);
    }

    /** Finds what is pending, retrying, blocked or dead, and why. */
    public DeliverySearch search() {
        return search;
    }

    /** What operators do about it. */
    public DeliveryActions actions() {
        return actions;
    }

    /** All flows and their targets, ordered by name. */
    public List<FlowStatus> flows() {
        return overview.flows();
    }

    /** A flow with its targets. */
    public Optional<FlowStatus> flow(String name) {
        return overview.flow(name);
    }

    /** The names of the targets of each flow. */
    public Map<String, List<String>> names() {
        return overview.names();
    }

    /** What happened in each minute and hour. */
    public FlowHistory history() {
        return history;
    }

    /** The deliveries of a change, one for each target that gets it, ordered by target name. */
    public List<Delivery> deliveries(Entry entry) {
        return overview.deliveries(entry);
    }

    /** Ends the writers, as an error on its own thread does: a task of the ledger failed and may have left anything behind. */
    public void fail(Error error) {
        shards.own().forEach(shard -> shard.writer().submit(WorkWrite.thatFails(error)));
    }

    /** Steps of the wall clock. */
    public ClockWatch clockWatch() {
        return clockWatch;
    }

    /** How far the process is; {@link NodePhase#RUNNING} unless it says something else. */
    public NodePhase phase() {
        return phase;
    }

    public void enter(NodePhase next) {
        phase = next;
    }

    /** One line that says what is not known or not in order about the nodes that share the ledger; empty without others. */
    public Optional<String> clusterTrouble() {
        return keeper == null ? Optional.empty() : keeper.trouble();
    }

    /** The way to parts of other nodes that share the ledger. */
    public NodeTalk talk() {
        return talk;
    }

    /** Gives the shards to the other nodes that share the ledger; deliveries under way end first, within 20 s. */
    public void leave() {
        if (keeper != null) {
            keeper.leave();
        }
    }

    /** Refuses new changes from now on; deliveries continue. */
    public void drain() {
        intake.drain();
        actions.stop();
        shards.own().forEach(Shard::drain);
    }

    /** Completes the submitted writes, then closes the stores. Close the subscriptions first. */
    @Override
    public void close() {
        drain();
        clockWatch.stop();
        history.stop();
        if (keeper != null) {
            keeper.stop();
        }
        shards.own().forEach(Shard::close);
        if (keeper != null) {
            keeper.close();
        }
    }
}
