package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.outcome.Decision;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outcome.SettleWrite;
import dev.serai.ledger.stuck.StuckKeys;
import java.time.Instant;
import java.util.Set;

/**
 * Takes note of outcomes that are durable: what is finished leaves the memory, and keys that were held continue.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class DurableOutcomes {
    private final TargetOptions options;
    private final Backlog backlog;
    private final StuckKeys held;
    private final InFlight inFlight;
    private final KeyBlocker blocker;
    private final OutcomeSettler settler;
    private final StoreReader reader;
    private final PositionSaver positionSaver;

    DurableOutcomes(
            TargetOptions options,
            Backlog backlog,
            StuckKeys held,
            InFlight inFlight,
            KeyBlocker blocker,
            OutcomeSettler settler,
            StoreReader reader,
            PositionSaver positionSaver) {
        this.options = options;
        this.backlog = backlog;
        this.held = held;
        this.inFlight = inFlight;
        this.blocker = blocker;
        this.settler = settler;
        this.reader = reader;
        this.positionSaver = positionSaver;
    }

    void apply(SettleWrite write) {
        PendingChange item = write.item();
        DeliveryState state = write.delivery().state();
        if (write.isFirst()) {
            backlog.finish(item);
            setLaggardAside();
        } else {
            held.finished(item);
        }
        if (write.wasInVain()) {
            blocker.discarded(item.entry().change().key(), Set.of(item.sequence()));
        }
        if (state == DeliveryState.PARKED) {
            blocker.parked(item.keyHash(), write.next());
        }
        if (write.releasesKey() && options.coalesce()) {
            blocker.released(item.keyHash(), write.next(), write.isKeyStillHeld());
        } else if (write.releasesKey()) {
            blocker.continueKey(item, state == DeliveryState.DELIVERED);
        } else if (!write.isFirst() && !state.isHeld()) {
            blocker.finishedBlocked(item.keyHash());
        }
        Instant dueAt = write.delivery().dueAt();
        if (dueAt != null) {
            skip(item, dueAt);
            reader.readDueAt(dueAt);
        }
        positionSaver.saveSoon();
    }

    /** Gives up a change that waits, if an operator asked for it while this outcome was written. */
    private void skip(PendingChange item, Instant dueAt) {
        String reason = item.skipped();
        if (reason != null) {
            PendingChange again = blocker.take(
                    new DueChange(item.entry(), item.attempts(), dueAt, item.keyHash(), item.isFollowed()));
            if (again != null) {
                again.skip(reason);
                settler.giveUp(again, Decision.skipped(reason));
            }
        }
    }

    /** A change under way for so long that very many later ones are finished gets a row, so that the target reads on. */
    private void setLaggardAside() {
        PendingChange slow = backlog.laggard();
        if (slow != null && !slow.isStored() && inFlight.contains(slow.sequence())) {
            blocker.setAside(slow);
        }
    }
}
