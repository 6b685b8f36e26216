package dev.serai.camel.feed;

/** Somebody who wants changes, once. */
interface FeedReader {
    int limit();

    /** Takes a lease with at least one change. */
    void give(FeedLease lease);

    /** This lease of the feed was acknowledged or is over. */
    default void leaseEnded(String cursor) {}

    /** It is not given a lease: there is nothing now and it does not wait, or there will be nothing more. */
    void end();
}
