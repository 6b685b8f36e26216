package dev.serai.ledger.cluster;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.task.FailureLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A replay that another node runs, watched in the first shard. Threads: safe. */
public final class RemoteReplay implements BegunReplay {
    private static final int LOOK_MILLIS = 500;

    private final FailureLog looks;
    private final UnaryOperator<Replay> stored;
    private final ScheduledExecutorService scheduler;
    private final CompletableFuture<Integer> allMoved = new CompletableFuture<>();
    private final CompletableFuture<ActionEnd> actionEnd = new CompletableFuture<>();
    private volatile Replay state;

    /** @param stored reads the state as it is stored now; may block */
    public RemoteReplay(Replay begun, UnaryOperator<Replay> stored, ScheduledExecutorService scheduler) {
        this.state = begun;
        this.looks = new FailureLog("Looking at replay " + begun.id());
        this.stored = stored;
        this.scheduler = scheduler;
        look();
    }

    private void look() {
        try {
            state = stored.apply(state);
            looks.worked();
        } catch (RuntimeException e) { // the database is away, for example; a look that throws would be the last
            looks.failed(e);
        }
        if (state.state() == ReplayState.RUNNING) {
            scheduler.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            actionEnd.complete(BegunReplay.end(state));
            allMoved.complete((int) state.moved());
        }
    }

    @Override
    public Replay state() {
        return state;
    }

    @Override
    public CompletableFuture<Integer> allMoved() {
        return allMoved;
    }

    @Override
    public CompletableFuture<ActionEnd> actionEnd() {
        return actionEnd;
    }
}
