package dev.serai.ledger;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.chain.ChainBook;
import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.NodeProgress;
import dev.serai.ledger.cluster.NodeTalk;
import dev.serai.ledger.cluster.ReplayOrder;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOrder;
import dev.serai.ledger.cluster.ShardOrder.Act;
import dev.serai.ledger.cluster.ShardOrder.OrderResult;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.TargetDrift;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What this node does with its shards for other nodes, and for itself in the same way.
 *
 * <p>Threads: safe.
 */
final class OwnShards implements ShardCalls {
    private static final int ROWS = 500;

    private final ShardMap shards;
    private final Intake intake;
    private final Overview overview;
    private final TargetAdmin targets;
    private final WaiterRegistry waiters;
    private final DeliveryActions actions;
    private final ChainBook chains;
    private final NodeTalk talk;
    private final LedgerSettings settings;

    OwnShards(
            ShardMap shards,
            Intake intake,
            Overview overview,
            TargetAdmin targets,
            WaiterRegistry waiters,
            DeliveryActions actions,
            ChainBook chains,
            NodeTalk talk,
            LedgerSettings settings) {
        this.shards = shards;
        this.intake = intake;
        this.overview = overview;
        this.targets = targets;
        this.waiters = waiters;
        this.actions = actions;
        this.chains = chains;
        this.talk = talk;
        this.settings = settings;
    }

    @Override
    public CompletableFuture<List<Receipt>> accept(int shard, List<Change> changes, @Nullable Executor loop) {
        return with(shard, own -> {
            changes.forEach(change -> requireIn(shard, shards.of(change.flow(), change.key())));
            return intake.acceptOwn(own, changes, receipts -> {}, loop);
        });
    }

    @Override
    public CompletableFuture<Confirmation> acceptAndWait(
            int shard, Change change, @Nullable String await, Duration timeout) {
        return with(shard, own -> {
            requireIn(shard, shards.of(change.flow(), change.key()));
            Set<TargetName> awaited = overview.awaited(change.flow(), await);
            Wait wait = new Wait(shards, overview, waiters, settings.scheduler(), awaited, timeout);
            return intake.acceptOwn(own, List.of(change), receipts -> wait.begin(receipts.get(0)), null)
                    .thenCompose(receipts -> wait.confirmation());
        });
    }

    @Override
    public CompletableFuture<Void> save(int shard, Cursor cursor) {
        return with(shard, own -> {
            requireIn(shard, shards.ofCursor(cursor.name()));
            return intake.saveOwn(own, cursor);
        });
    }

    @Override
    public CompletableFuture<OrderResult> act(int shard, ShardOrder order) {
        return with(shard, own -> CompletableFuture.supplyAsync(() -> page(own, order), settings.scheduler())
                .thenCompose(page -> act(page, order)));
    }

    private static CompletableFuture<OrderResult> act(StandingPage page, ShardOrder order) {
        if (!page.shard().isOwn() || page.found().isEmpty()) {
            return CompletableFuture.completedFuture(new OrderResult(0, 0, List.of()));
        }
        String reason = order.reason() == null ? "skipped" : order.reason();
        return switch (order.act()) {
            case RETRY -> DeliveryActions.retry(page).thenApply(count -> new OrderResult(count, 0, List.of()));
            case SKIP ->
                DeliveryActions.skip(page, reason)
                        .thenApply(skip -> new OrderResult(skip.skipped(), skip.delivering(), List.of()));
            case REPLAY -> LetterMove.REPLAY.move(page).thenApply(OwnShards::moved);
            case DISCARD -> LetterMove.DISCARD.move(page).thenApply(OwnShards::moved);
            case REDELIVER -> LetterMove.redeliver(page).thenApply(OwnShards::moved);
        };
    }

    private static OrderResult moved(List<Standing> moved) {
        return new OrderResult(moved.size(), 0, StandingPage.sequences(moved));
    }

    /** The deliveries of the order that are still in the state for it; blocks while it reads. */
    private static StandingPage page(Shard shard, ShardOrder order) {
        TargetName target = new TargetName(order.flow(), order.target());
        if (order.act() == Act.REDELIVER) {
            List<Entry> entries = order.sequences().stream()
                    .flatMap(sequence -> shard.store().entry(sequence).stream())
                    .toList();
            return StandingPage.delivered(shard, target, entries);
        }
        boolean waits = order.act() == Act.RETRY || order.act() == Act.SKIP;
        DeliveryState state = waits ? DeliveryState.WAITING : DeliveryState.DEAD;
        TreeSet<Long> wanted = new TreeSet<>(order.sequences());
        List<Standing> found = new ArrayList<>();
        long after = wanted.isEmpty() ? Long.MAX_VALUE : wanted.first() - 1;
        while (!wanted.isEmpty() && after < wanted.last()) {
            List<Standing> rows = shard.store().standing(target, state, null, after, ROWS);
            rows.stream().filter(one -> wanted.contains(one.entry().sequence())).forEach(found::add);
            after = rows.isEmpty()
                    ? Long.MAX_VALUE
                    : rows.get(rows.size() - 1).entry().sequence();
        }
        return new StandingPage(shard, target, found);
    }

    @Override
    public CompletableFuture<Long> newReplay() {
        return with(0, first -> CompletableFuture.completedFuture(actions.newReplay()));
    }

    @Override
    public CompletableFuture<Replay> replay(ReplayOrder order) {
        return with(0, first -> CompletableFuture.supplyAsync(() -> actions.carryOut(order), settings.scheduler())
                .thenCompose(stored -> stored));
    }

    @Override
    public CompletableFuture<Long> audit(AuditEntry entry) {
        return with(0, first -> AuditLog.writeTo(first, entry, id -> {}));
    }

    @Override
    public CompletableFuture<List<TargetDrift>> count(Instant minute, List<ChainRows> rows) {
        return with(0, first -> {
            List<ChainRows> counted = chains.heard(rows);
            WorkWrite<Boolean> write = new WorkWrite<>(false, transaction -> {
                transaction.history().addChains(minute, counted);
                return true;
            });
            first.writer().submit(write);
            return write.done().thenApply(done -> chains.drifts());
        });
    }

    @Override
    public CompletableFuture<NodeProgress> progress() {
        return CompletableFuture.supplyAsync(
                () -> new NodeProgress(overview.ownParts(), talk.own()), settings.scheduler());
    }

    @Override
    public CompletableFuture<FeedAnswer> feed(FeedCall call) {
        return talk.answer(call);
    }

    @Override
    public CompletableFuture<String> ask(String part, String text) {
        return with(0, first -> talk.answer(part, text));
    }

    @Override
    public CompletableFuture<Void> pause(TargetName name, @Nullable Pause pause) {
        return targets.pauseOwn(name, pause);
    }

    @Override
    public CompletableFuture<Void> remove(TargetName name) {
        return targets.removeOwn(name);
    }

    private <T> CompletableFuture<T> with(int number, Function<Shard, CompletableFuture<T>> action) {
        try {
            Shard shard = number < 0 || number >= shards.count() ? null : shards.get(number);
            if (shard == null || !shard.isOwn()) {
                throw new LedgerException.Overloaded(
                        "the part of the ledger that this belongs to is on its way to another node: send it again",
                        Duration.ofSeconds(1));
            }
            return action.apply(shard);
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Another program that counts hashes otherwise would mix up the order of keys. */
    private static void requireIn(int number, Shard right) {
        if (right.number() != number) {
            throw new LedgerException.Invalid("this belongs to shard " + right.number() + ", not " + number
                    + ": the nodes of a ledger must run the same program");
        }
    }
}
