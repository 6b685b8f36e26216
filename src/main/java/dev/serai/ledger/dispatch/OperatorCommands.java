package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.outcome.Decision;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.stuck.StuckKeys;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What operators ask of a target's dispatcher, and what it takes note of when they changed something in the store.
 *
 * <p>Threads: safe.
 */
public final class OperatorCommands {
    private final Circuit circuit;
    private final RunState state;
    private final StuckKeys held;
    private final KeyQueues keys;
    private final KeyBlocker blocker;
    private final OutcomeSettler settler;
    private final Consumer<Runnable> update;

    /** @param update runs a change of state under the dispatcher's lock, from any thread */
    OperatorCommands(
            Circuit circuit,
            RunState state,
            StuckKeys held,
            KeyQueues keys,
            KeyBlocker blocker,
            OutcomeSettler settler,
            Consumer<Runnable> update) {
        this.circuit = circuit;
        this.state = state;
        this.held = held;
        this.keys = keys;
        this.blocker = blocker;
        this.settler = settler;
        this.update = update;
    }

    /** Whether what is stored for the target is in the order of its keys, so that more can follow. Asked on the writer's thread. */
    public boolean isInOrder() {
        return state.isInOrder();
    }

    /** Pauses or resumes. */
    public void pause(boolean pause) {
        update.accept(() -> {
            state.stale = true;
            state.paused = pause;
            activityChanged();
        });
    }

    /** Suspends or resumes, as the route does. */
    void suspend(boolean suspend) {
        update.accept(() -> {
            state.suspended = suspend;
            activityChanged();
        });
    }

    private void activityChanged() {
        held.expectDue();
        if (!state.isActive()) {
            blocker.deactivate();
        }
    }

    /** Dead letters will be delivered again: their sequences, by key. */
    public void replayed(Map<String, Set<Long>> letters) {
        update.accept(() -> {
            state.stale = true;
            letters.forEach(blocker::replayed);
        });
    }

    /** A delivered change of the key may be delivered again: later ones wait until {@link #replayed} or {@link #release}. */
    public void holdBack(String key) {
        update.accept(() -> {
            if (state.isInOrder()) {
                blocker.holdBack(key);
            }
        });
    }

    /** It was not delivered again: the key goes on. */
    public void release(String key) {
        long keyHash = Hash.of(key);
        update.accept(() -> {
            if (held.contains(keyHash)) {
                blocker.submitRelease(keyHash);
            }
        });
    }

    /** Dead letters were discarded, and may have held back their keys: their sequences, by key. */
    public void discarded(Map<String, Set<Long>> letters) {
        update.accept(() -> {
            state.stale = true;
            letters.forEach(blocker::discarded);
        });
    }

    /** Changes that wait were made due; a target that is down is probed at once. */
    public void retried() {
        update.accept(() -> {
            state.stale = true;
            held.expectDue();
            circuit.probeNow();
        });
    }

    /**
     * Gives up changes that wait, as if the target had refused them: each becomes a dead letter with this reason. One that is
     * under way is given up when its attempt fails.
     *
     * @param waiting as they were stored just now, one of a key
     * @return how many are under way
     */
    public int skip(List<DueChange> waiting, String reason) {
        int[] underWay = new int[1];
        update.accept(() -> {
            if (state.isRunning()) {
                waiting.forEach(change -> underWay[0] += skip(change, reason) ? 1 : 0);
            }
        });
        return underWay[0];
    }

    /** Returns whether the change is under way. */
    private boolean skip(DueChange change, String reason) {
        if (held.wasFinished(change)) {
            return false;
        }
        PendingChange inHand = held.inHand(change.keyHash());
        if (inHand != null) {
            if (inHand.sequence() != change.entry().sequence()) {
                return false;
            }
            inHand.skip(reason);
            boolean ready = held.takeReady(inHand);
            if (ready) {
                settler.giveUp(inHand, Decision.skipped(reason));
            }
            return !ready;
        }
        if (keys.contains(change.keyHash())) {
            return false;
        }
        PendingChange item = blocker.take(change);
        if (item != null) {
            item.skip(reason);
            settler.giveUp(item, Decision.skipped(reason));
        }
        return false;
    }
}
