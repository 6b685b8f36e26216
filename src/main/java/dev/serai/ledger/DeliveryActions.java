package dev.serai.ledger;

import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.cluster.ReplayOrder;
import dev.serai.ledger.cluster.ShardOrder.Act;
import dev.serai.ledger.cluster.ShardOrder.OrderResult;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.write.WorkWrite;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What operators do with deliveries that have not ended well: try them now, give them up, replay or discard dead letters. This is
 * the one place where that is done; {@link #log} keeps what was done and by whom. What ends early fails with {@link
 * LedgerException.Unfinished}.
 *
 * <p>Threads: safe. The counts block while they read; the rest is done on the scheduler and by the writers.
 */
public final class DeliveryActions {
    private static final int STEP = 500;

    private final ShardMap shards;
    private final LedgerSettings settings;
    private final DeadLetters deadLetters;
    private final Replays replays;
    private final AuditLog log;

    DeliveryActions(ShardMap shards, LedgerSettings settings) {
        this.shards = shards;
        this.settings = settings;
        this.deadLetters = new DeadLetters(shards, settings.scheduler());
        this.replays = new Replays(shards, settings);
        this.log = new AuditLog(shards);
    }

    /**
     * How a skip ended.
     *
     * @param skipped how many were given up
     * @param delivering how many are under way and are given up if their attempt fails
     */
    public record SkipResult(int skipped, int delivering) {
        /** How many are given up, or will be if their attempt fails. */
        public long count() {
            return (long) skipped + delivering;
        }

        private SkipResult plus(SkipResult other) {
            return new SkipResult(skipped + other.skipped, delivering + other.delivering);
        }
    }

    /** Who did what. */
    public AuditLog log() {
        return log;
    }

    /** Continues the replays that the last stop interrupted, and notes what it ended. */
    void start() {
        replays.start();
        log.resume(replays, settings.scheduler());
    }

    void stop() {
        replays.interrupt();
        log.stop();
    }

    /** Starts and stops them with the first shard, which keeps the replays and the log. */
    ShardKeeper.ShardUse use() {
        return ShardKeeper.ShardUse.ofFirst(shards, this::start, this::stop);
    }

    /** How many deliveries in this state match. */
    public long count(DeliveryFilter filter, DeliveryState state) {
        return StandingWalk.count(shards, filter, state);
    }

    // ---- What waits

    /** Makes what waits due now; returns how many. The order of each key is kept, and the attempt counts as any other. */
    public CompletableFuture<Integer> retry(DeliveryFilter filter) {
        return onWaiting(filter, page -> true, page -> retry(page).thenApply(retried -> new SkipResult(retried, 0)))
                .thenApply(SkipResult::skipped);
    }

    /**
     * Gives up what waits: it becomes a dead letter with this reason, and its key continues as after any other dead letter. What
     * is behind it in its key is not skipped, although it may match.
     */
    public CompletableFuture<SkipResult> skip(DeliveryFilter filter, String reason) {
        return CompletableFuture.supplyAsync(() -> WaitingNow.read(shards, filter), settings.scheduler())
                .thenCompose(now -> onWaiting(filter, now::contains, page -> skip(page, reason)));
    }

    private CompletableFuture<SkipResult> onWaiting(
            DeliveryFilter filter,
            Predicate<WaitingNow.Sequence> wanted,
            Function<StandingPage, CompletableFuture<SkipResult>> action) {
        return CompletableFuture.supplyAsync(
                        () -> new StandingWalk(shards, filter, DeliveryState.WAITING), settings.scheduler())
                .thenCompose(walk -> next(walk, wanted, action, new SkipResult(0, 0)));
    }

    /** Acts on one page, then on the following ones. */
    private CompletableFuture<SkipResult> next(
            StandingWalk walk,
            Predicate<WaitingNow.Sequence> wanted,
            Function<StandingPage, CompletableFuture<SkipResult>> action,
            SkipResult before) {
        StandingPage page;
        try {
            page = walk.next(STEP);
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(new LedgerException.Unfinished(before.count(), e));
        }
        if (page == null) {
            return CompletableFuture.completedFuture(before);
        }
        List<Standing> some = page.found().stream()
                .filter(one -> wanted.test(new WaitingNow.Sequence(
                        page.shard(), page.target(), one.entry().sequence())))
                .toList();
        CompletableFuture<SkipResult> acted = some.isEmpty()
                ? CompletableFuture.completedFuture(before)
                : action.apply(new StandingPage(page.shard(), page.target(), some))
                        .handle((now, failure) -> {
                            if (failure != null) {
                                throw new LedgerException.Unfinished(before.count(), failure);
                            }
                            return before.plus(now);
                        });
        return acted.thenComposeAsync(sum -> next(walk, wanted, action, sum), settings.scheduler());
    }

    /** Makes a page of them due. */
    static CompletableFuture<Integer> retry(StandingPage page) {
        if (!page.shard().isOwn()) {
            return page.onOwner(Act.RETRY, null).thenApply(OrderResult::count);
        }
        WorkWrite<Integer> write = new WorkWrite<>(
                true,
                transaction -> {
                    int retried = 0;
                    for (Standing one : transaction.knows(page.target()) ? page.found() : List.<Standing>of()) {
                        boolean waits = transaction.expedite(
                                page.target(),
                                one.entry().sequence(),
                                page.shard().clock().steady());
                        retried += waits ? 1 : 0;
                    }
                    return retried;
                },
                retried -> {
                    Dispatcher dispatcher = page.shard().dispatchers().find(page.target());
                    if (dispatcher != null) {
                        dispatcher.operator().retried();
                    }
                });
        page.shard().writer().submit(write);
        return write.done();
    }

    /** Gives up a page of them. */
    static CompletableFuture<SkipResult> skip(StandingPage page, String reason) {
        if (!page.shard().isOwn()) {
            return page.onOwner(Act.SKIP, reason).thenApply(done -> new SkipResult(done.count(), done.delivering()));
        }
        Dispatcher dispatcher = page.shard().dispatchers().find(page.target());
        int underWay = dispatcher == null ? 0 : dispatcher.operator().skip(page.due(), reason);
        // The dispatcher has submitted the outcomes before this.
        WorkWrite<Integer> write = new WorkWrite<>(true, transaction -> skipped(transaction, page, reason));
        page.shard().writer().submit(write);
        return write.done().thenApply(skipped -> new SkipResult(skipped, underWay));
    }

    /** How many are dead now; gives them up itself if no route has the target in its hands. */
    private static int skipped(Transaction transaction, StandingPage page, String reason) {
        TargetName target = page.target();
        if (!transaction.knows(target)) {
            return 0;
        }
        // Asked on the writer's thread: a subscription registers its dispatcher before it reads what waits.
        boolean unused = page.shard().dispatchers().find(target) == null;
        int skipped = 0;
        for (Standing one : page.found()) {
            long sequence = one.entry().sequence();
            Delivery stored = transaction.delivery(target, sequence);
            if (stored != null && stored.state() == DeliveryState.WAITING && unused) {
                Delivery dead = new Delivery(
                        target,
                        DeliveryState.DEAD,
                        stored.attempts(),
                        null,
                        page.shard().clock().instant(),
                        null,
                        reason);
                transaction.settle(sequence, one.keyHash(), DeliveryState.WAITING, dead);
                skipped++;
            } else if (stored != null && stored.state() == DeliveryState.DEAD) {
                skipped++;
            }
        }
        return skipped;
    }

    // ---- Delivered changes

    /**
     * Delivers changes to this target again, which took them before: in one commit those of each shard. They keep their places in
     * the order of their keys: one is left as it is if the target may have got, or may still get, a newer change of its key.
     *
     * @param entries each the newest change of its key that the target took
     * @return the sequences of those that are due now
     */
    public CompletableFuture<Set<Long>> redeliver(TargetName target, Collection<Entry> entries) {
        return LetterMove.redeliver(shards, target, entries);
    }

    // ---- Dead letters

    /** Makes all dead letters that match due again at once, in order per key; returns how many. */
    public CompletableFuture<Integer> replay(DeliveryFilter filter) {
        return deadLetters.move(filter, LetterMove.REPLAY);
    }

    /** Discards dead letters; returns how many. */
    public CompletableFuture<Integer> discard(DeliveryFilter filter) {
        return deadLetters.move(filter, LetterMove.DISCARD);
    }

    /** An id for a {@link #replay} that is to begin. */
    public long newReplay() {
        return replays.newId();
    }

    /**
     * Begins to make dead letters due again, in order per key and so many per second.
     *
     * @param id from {@link #newReplay}
     * @param matched how many there are
     */
    public BegunReplay replay(long id, DeliveryFilter filter, double perSecond, long matched) {
        RateLimit.requireValid(perSecond);
        return replays.begin(id, filter, perSecond, matched);
    }

    /**
     * Continues a replay that was stopped with the dead letters that are left; what it made due before is not made due again,
     * also if it was given up again. Throws {@link LedgerException.Invalid} if it is not stopped.
     */
    public BegunReplay resumeReplay(long id) {
        return replays.resume(id);
    }

    /** What another node wants of a replay, which this node runs; may block. */
    CompletableFuture<Replay> carryOut(ReplayOrder order) {
        return replays.carryOut(order, log);
    }

    /** The newest replays, newest first. */
    public List<Replay> replays() {
        return replays.list();
    }

    /** The id of the replay that was begun last. */
    public long newestReplay() {
        return replays.newest();
    }

    /** Whether a replay is under way. */
    public boolean replaysRun() {
        return replays.anyRuns();
    }

    /** Stops a replay; what it made due is delivered. Empty if there is none with this id. */
    public Optional<Replay> stopReplay(long id, String reason) {
        return replays.stop(id, reason);
    }
}
