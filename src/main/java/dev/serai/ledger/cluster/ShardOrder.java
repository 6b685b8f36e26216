package dev.serai.ledger.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wants done with some deliveries of one target in one shard.
 *
 * @param sequences those of the changes; deliveries that are not in the state for it any more are left out
 * @param reason why they are skipped; null for the others
 */
public record ShardOrder(
        String flow,
        String target,
        Act act,
        List<Long> sequences,
        @Nullable String reason) {

    /** The things that operators do. */
    public enum Act {
        /** Makes what waits due now. */
        RETRY,
        /** Gives up what waits. */
        SKIP,
        /** Makes dead letters due again. */
        REPLAY,
        /** Discards dead letters. */
        DISCARD,
        /** Delivers again what the target took. */
        REDELIVER
    }

    /**
     * How it ended.
     *
     * @param count how many were changed
     * @param delivering how many are under way, and skipped if their attempt fails
     * @param moved the sequences of dead letters, or of delivered changes, that were moved
     */
    public record OrderResult(int count, int delivering, List<Long> moved) {}
}
