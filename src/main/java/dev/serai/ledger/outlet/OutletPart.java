package dev.serai.ledger.outlet;

import dev.serai.ledger.outcome.PendingChange;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The dispatcher of one shard, as the outlet of its target sees it.
 *
 * @param readOn starts the reads of the store that are needed now; called under the outlet's lock
 * @param send hands a batch to the target; called without the lock
 * @param recall asks the target to end a delivery early, and returns whether it does; called without the lock
 */
public record OutletPart(
        LaneSource source,
        OutcomeTaker outcomes,
        Runnable readOn,
        Consumer<List<PendingChange>> send,
        Predicate<List<PendingChange>> recall) {

    /** Parts are told apart by identity. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
