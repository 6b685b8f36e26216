package dev.serai.ledger;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.cluster.RemoteReplay;
import dev.serai.ledger.cluster.ReplayOrder;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The replays of dead letters at a pace. They run on the node that has the first shard, which keeps their state; the others pass
 * on to it what is wanted of them.
 *
 * <p>Promise: a replay that a stop or a crash of the process interrupted continues with the dead letters that are left; what it
 * had made due before is delivered as any other change that waits, and is not counted any more.
 *
 * <p>Threads: safe.
 */
final class Replays {
    private final ShardMap shards;
    private final LedgerSettings settings;
    private final Map<Long, ReplayRun> runs = new TreeMap<>(Comparator.reverseOrder());
    private long last;
    /** Those with a greater id began since the start of the process. */
    private long lastBefore;

    Replays(ShardMap shards, LedgerSettings settings) {
        this.shards = shards;
        this.settings = settings;
    }

    private Store store() {
        return shards.first().store();
    }

    /** Continues what the last stop of the process interrupted. */
    synchronized void start() {
        List<Replay> known = store().replays();
        last = known.isEmpty() ? 0 : known.get(0).id();
        lastBefore = last;
        for (Replay replay : known) {
            if (replay.state() == ReplayState.RUNNING || replay.state() == ReplayState.SETTLING) {
                run(new ReplayRun(replay, true, shards, settings));
            }
        }
    }

    private ReplayRun run(ReplayRun run) {
        runs.values().removeIf(ReplayRun::isOver);
        runs.put(run.state().id(), run);
        run.start();
        return run;
    }

    /** An id for a replay that is to begin; may block. */
    long newId() {
        return isHere() ? newIdHere() : asked(ShardCalls::newReplay);
    }

    private synchronized long newIdHere() {
        last++;
        return last;
    }

    /** Begins a replay; may block. */
    BegunReplay begin(long id, DeliveryFilter filter, double perSecond, long matched) {
        return isHere()
                ? beginHere(id, filter, perSecond, matched)
                : elsewhere(ReplayOrder.begin(id, filter, perSecond, matched));
    }

    private synchronized ReplayRun beginHere(long id, DeliveryFilter filter, double perSecond, long matched) {
        last = Math.max(last, id); // another node may have given it
        Replay replay = new Replay(
                id,
                filter,
                perSecond,
                ReplayState.RUNNING,
                shards.first().clock().instant(),
                null,
                null,
                matched,
                0,
                0,
                0);
        return run(new ReplayRun(replay, false, shards, settings));
    }

    /**
     * Continues a replay that was stopped, with the dead letters that are left; may block.
     *
     * @throws LedgerException.Invalid if it is not stopped
     */
    BegunReplay resume(long id) {
        return isHere() ? resumeHere(id) : elsewhere(ReplayOrder.resume(id));
    }

    private ReplayRun resumeHere(long id) {
        ReplayRun before = known(id);
        if (before != null) {
            before.awaitQuiet();
        }
        synchronized (this) {
            Replay stopped = find(id).filter(replay -> replay.state() == ReplayState.STOPPED)
                    .orElseThrow(() -> new LedgerException.Invalid("replay " + id + " is not stopped"));
            long left = StandingWalk.count(shards, ReplayRun.rest(stopped), DeliveryState.DEAD);
            return run(new ReplayRun(again(stopped, left), true, shards, settings));
        }
    }

    private boolean isHere() {
        return shards.first().isOwn();
    }

    private static Replay again(Replay stopped, long left) {
        return new Replay(
                stopped.id(),
                stopped.filter(),
                stopped.rate(),
                ReplayState.RUNNING,
                stopped.startedAt(),
                null,
                null,
                stopped.moved() + left,
                stopped.moved(),
                stopped.settled(),
                stopped.failed());
    }

    private synchronized @Nullable ReplayRun known(long id) {
        return runs.get(id);
    }

    /** The id of the one that was begun last. */
    long newest() {
        if (isHere()) {
            synchronized (this) {
                return last;
            }
        }
        return list().stream().mapToLong(Replay::id).findFirst().orElse(0);
    }

    synchronized boolean anyRuns() {
        return isHere()
                ? runs.values().stream().anyMatch(run -> !run.isOver())
                : list().stream().anyMatch(replay -> replay.endedAt() == null);
    }

    synchronized List<Replay> list() {
        Map<Long, Replay> all = new TreeMap<>(Comparator.reverseOrder());
        store().replays().forEach(replay -> all.put(replay.id(), replay));
        if (isHere()) {
            runs.forEach((id, run) -> all.put(id, run.state()));
        }
        return new ArrayList<>(all.values());
    }

    /** Stops a replay; may block. Empty if there is none with this id. */
    Optional<Replay> stop(long id, String reason) {
        if (find(id).isEmpty()) {
            return Optional.empty();
        }
        if (!isHere()) {
            return Optional.of(asked(calls -> calls.replay(ReplayOrder.stop(id, reason))));
        }
        synchronized (this) {
            ReplayRun run = runs.get(id);
            if (run != null) {
                run.stop(reason);
            }
            return find(id);
        }
    }

    private Optional<Replay> find(long id) {
        return list().stream().filter(replay -> replay.id() == id).findFirst();
    }

    /** How making them due ended, or will, of a replay that was to begin or go on before the process started. */
    synchronized CompletionStage<ActionEnd> earlierEnd(long id) {
        if (id > lastBefore) { // the process ended before it began
            return CompletableFuture.completedFuture(ActionEnd.INTERRUPTED);
        }
        ReplayRun run = runs.get(id);
        return run != null
                ? run.actionEnd()
                : CompletableFuture.completedFuture(store().replays().stream()
                        .filter(replay -> replay.id() == id)
                        .findFirst()
                        .map(BegunReplay::end)
                        .orElse(ActionEnd.INTERRUPTED));
    }

    // ---- Between nodes

    /** Does what another node wants, and completes when it is stored; may block. At the end of a run the log gets its outcome. */
    CompletableFuture<Replay> carryOut(ReplayOrder order, AuditLog log) {
        long id = order.id();
        if (order.step() == ReplayOrder.ReplayStep.STOP) {
            stop(id, String.valueOf(order.reason()));
            ReplayRun run = known(id);
            return run == null
                    ? CompletableFuture.completedFuture(
                            find(id).orElseThrow(() -> new LedgerException.Invalid("there is no replay " + id)))
                    : run.stored();
        }
        DeliveryFilter filter = order.filter() == null ? DeliveryFilter.ALL : order.filter();
        ReplayRun run = order.step() == ReplayOrder.ReplayStep.BEGIN
                ? beginHere(id, filter, order.rate(), order.matched())
                : resumeHere(id);
        run.actionEnd().thenAcceptAsync(end -> log.replayEnded(id, end), settings.scheduler());
        return run.stored();
    }

    private BegunReplay elsewhere(ReplayOrder order) {
        Replay begun = asked(calls -> calls.replay(order));
        return new RemoteReplay(begun, known -> find(known.id()).orElse(known), settings.scheduler());
    }

    private <T> T asked(Function<ShardCalls, CompletableFuture<T>> call) {
        try {
            return call.apply(shards.first().owner()).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LedgerException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** The process stops: they do nothing more, and continue after the next start. */
    synchronized void interrupt() {
        runs.values().forEach(ReplayRun::interrupt);
    }
}
