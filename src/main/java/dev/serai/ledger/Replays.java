package dev.serai.ledger;

import dev.serai.ledger.audit.ActionEnd;
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
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The replays of dead letters. Their state is kept in the first shard.
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

    /** An id for a replay that is to begin. */
    synchronized long newId() {
        requireFirst();
        last++;
        return last;
    }

    synchronized ReplayRun begin(long id, DeliveryFilter filter, double perSecond, long matched) {
        requireFirst();
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
    ReplayRun resume(long id) {
        requireFirst();
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

    /** All replays run on the node that has the first shard, which keeps their state. */
    private void requireFirst() {
        if (!shards.first().isOwn()) {
            throw new LedgerException.Invalid(
                    "replays at a pace are begun, stopped and resumed on one of the nodes, which is "
                            + shards.first().ownerName() + " now: ask that one");
        }
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
    synchronized long newest() {
        return last;
    }

    synchronized boolean anyRuns() {
        return runs.values().stream().anyMatch(run -> !run.isOver());
    }

    synchronized List<Replay> list() {
        Map<Long, Replay> all = new TreeMap<>(Comparator.reverseOrder());
        store().replays().forEach(replay -> all.put(replay.id(), replay));
        runs.forEach((id, run) -> all.put(id, run.state()));
        return new ArrayList<>(all.values());
    }

    synchronized Optional<Replay> stop(long id, String reason) {
        requireFirst();
        ReplayRun run = runs.get(id);
        if (run != null) {
            run.stop(reason);
        }
        return find(id);
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
                        .map(ReplayRun::actionEnd)
                        .orElse(ActionEnd.INTERRUPTED));
    }

    /** The process stops: they do nothing more, and continue after the next start. */
    synchronized void interrupt() {
        runs.values().forEach(ReplayRun::interrupt);
    }
}
