package dev.serai.ledger.cluster;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import java.util.concurrent.CompletableFuture;

/** A replay at a pace that was begun or goes on, on whichever node. Threads: safe. */
public interface BegunReplay {
    Replay state();

    /** Completes when all are due again, or it stops, with how many are; after {@link #actionEnd}. */
    CompletableFuture<Integer> allMoved();

    /** Completes when all are due again, or it stops; not if the process stops before, since it continues then. */
    CompletableFuture<ActionEnd> actionEnd();

    /** How making them due ended. */
    static ActionEnd end(Replay state) {
        return state.state() == ReplayState.STOPPED
                ? new ActionEnd(
                        "stopped after " + state.moved() + " of " + state.matched() + ": " + state.reason(),
                        state.moved())
                : ActionEnd.done(state.moved());
    }
}
