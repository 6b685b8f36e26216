package dev.serai.ledger.cluster;

import org.jspecify.annotations.Nullable;

/**
 * What a node wants of the part of a feed that another node has: of the changes of its shards.
 *
 * @param feed flow and target, as in {@code orders/mobile}
 * @param limit how many changes a lease may have
 * @param waitMillis if there are none, the answer waits so long at most for the first, and then has none all the same: the node asks again
 * @param cursor of the lease; null in a call for a new one
 * @param asker the id of the node that wants to be told when the new lease ends; null if it does not
 */
public record FeedCall(
        FeedStep step,
        String feed,
        int limit,
        long waitMillis,
        @Nullable String cursor,
        @Nullable String asker) {

    /** What is wanted. */
    public enum FeedStep {
        LEASE,
        ACKNOWLEDGE,
        /** The reader did not get the changes, or has gone: others may have them. */
        GIVE_BACK,
        /** A lease has ended that was given to a reader of the called node. */
        ENDED
    }

    public static FeedCall lease(String feed, int limit, long waitMillis, @Nullable String asker) {
        return new FeedCall(FeedStep.LEASE, feed, limit, waitMillis, null, asker);
    }

    /** About a lease. */
    public static FeedCall of(FeedStep step, String feed, String cursor) {
        return new FeedCall(step, feed, 0, 0, cursor, null);
    }
}
