package dev.serai.camel.feed;

import java.util.UUID;

/** The text of a cursor: the feed, the node that has the lease unless it has its ledger for itself, and something unique. */
final class FeedCursor {
    private static final char FEED_END = '~';
    private static final char NODE_END = ':';

    private FeedCursor() {}

    /** A new one. @param node the id of this node, or empty */
    static String of(String feed, String node) {
        return feed + FEED_END + (node.isEmpty() ? "" : node + NODE_END) + UUID.randomUUID();
    }

    static boolean isOf(String feed, String cursor) {
        return cursor.startsWith(feed + FEED_END);
    }

    /** The id of the node that has the lease; empty if it names none, or is of another feed. */
    static String nodeOf(String feed, String cursor) {
        int end = cursor.indexOf(NODE_END, feed.length() + 1);
        return end < 0 || !isOf(feed, cursor) ? "" : cursor.substring(feed.length() + 1, end);
    }
}
