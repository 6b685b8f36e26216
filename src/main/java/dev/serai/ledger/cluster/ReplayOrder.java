package dev.serai.ledger.cluster;

import dev.serai.ledger.model.DeliveryFilter;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wants of a replay at a pace, which runs on the node that has the first shard.
 *
 * @param id of the replay
 * @param filter selects the dead letters of one that begins; null otherwise
 * @param rate per second, of one that begins
 * @param matched how many dead letters there are, of one that begins
 * @param reason why it is stopped; null otherwise
 */
public record ReplayOrder(
        ReplayStep step,
        long id,
        @Nullable DeliveryFilter filter,
        double rate,
        long matched,
        @Nullable String reason) {

    /** What to do with it. */
    public enum ReplayStep {
        BEGIN,
        RESUME,
        STOP
    }

    public static ReplayOrder begin(long id, DeliveryFilter filter, double rate, long matched) {
        return new ReplayOrder(ReplayStep.BEGIN, id, filter, rate, matched, null);
    }

    public static ReplayOrder resume(long id) {
        return new ReplayOrder(ReplayStep.RESUME, id, null, 0, 0, null);
    }

    public static ReplayOrder stop(long id, String reason) {
        return new ReplayOrder(ReplayStep.STOP, id, null, 0, 0, reason);
    }
}
