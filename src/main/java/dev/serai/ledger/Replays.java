package dev.serai.ledger;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.model.DeliveryFilter;
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

    Replays(ShardMap shards, LedgerSettings settings) {
        this.shards = shards;
        this.settings = settings;
    }

    private Store store() {
        return shards.first().store();
    }

    /** Continues what the last stop interrupted. */
    synchronized void resume() {
        List<Replay> known = store().replays();
        last = known.isEmpty() ? 0 : known.get(0).id();
        for (Replay replay : known) {
            if (replay.state() == ReplayState.RUNNING || replay.state() == ReplayState.SETTLING) {
                ReplayRun run = new ReplayRun(replay, true, shards, settings);
                runs.put(replay.id(), run);
                run.start();
            }
        }
    }

    synchronized ReplayRun begin(DeliveryFilter filter, double perSecond, long matched) {
        last++;
        Replay replay = new Replay(
                last,
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
        ReplayRun run = new ReplayRun(replay, false, shards, settings);
        runs.values().removeIf(ReplayRun::isOver);
        runs.put(last, run);
        run.start();
        return run;
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
        ReplayRun run = runs.get(id);
        if (run != null) {
            run.stop(reason);
        }
        return list().stream().filter(replay -> replay.id() == id).findFirst();
    }

    /** How making them due ended, or will. */
    synchronized CompletionStage<ActionEnd> actionEnd(long id) {
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
