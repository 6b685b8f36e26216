package dev.serai.ledger.outlet;

import dev.serai.ledger.outcome.PendingChange;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What one shard has to send to a target now.
 *
 * <p>Threads: used under its outlet's lock.
 */
public interface LaneSource {

    /** The next lane in turn that has something to send and may use one more delivery, or null; changes nothing. */
    @Nullable SendLane nextLane();

    /**
     * Puts a new change of one of these keys before the others, for a probe; returns its lane, or null if none is there.
     *
     * @param newest whether to take the one that became ready last
     */
    @Nullable SendLane prefer(boolean newest, LongPredicate keyHashes);

    /** The next changes of the lane, each of another key; none if all of them have to wait for others of their record. */
    List<PendingChange> take(SendLane lane, int most);

    /** These changes are under way. */
    void sent(List<PendingChange> batch, Slot slot);
}
