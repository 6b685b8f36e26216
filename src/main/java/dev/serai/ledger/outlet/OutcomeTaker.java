package dev.serai.ledger.outlet;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.outcome.PendingChange;
import java.util.List;

/**
 * Carries out for the changes of one shard what follows from the outcome of a delivery.
 *
 * <p>Threads: used under its outlet's lock.
 */
public interface OutcomeTaker {

    /** The outcome counts. */
    void decide(List<PendingChange> batch, Outcome outcome);

    /** The target is at fault: no attempt counts. */
    void spare(List<PendingChange> batch, Outcome outcome);

    /** The delivery was ended early, and nobody knows what the target did: it is repeated among the retries. */
    void repeat(List<PendingChange> batch, String reason);

    /** What follows cannot be decided: the changes are sent again. */
    void sendAgain(List<PendingChange> batch, Outcome outcome, Throwable reason);

    /** The target is gone. */
    void pauseForGood(String answer);
}
