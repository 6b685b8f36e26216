package dev.serai.connector.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.serai.connector.pull.PullCursor;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run of {@code http-pull-source}: its page or item, and the records read so far.
 *
 * <p>Threads: one thread.
 */
final class HttpPullRun {
    private final @Nullable String saved;
    private final @Nullable List<URI> items;
    private int item;
    private PullCursor cursor;
    private URI at;
    private long pages;
    private List<JsonNode> ends = List.of();
    private @Nullable URI marked;
    private long nextMark = 1;
    private int leftOut;
    private int leftOutInARow;

    /**
     * A run at its first page.
     *
     * @param saved the cursor's value
     * @param items the addresses of all items, if each page is an item
     */
    HttpPullRun(@Nullable String saved, URI at, @Nullable List<URI> items) {
        this.saved = saved;
        this.at = at;
        this.items = items;
        this.cursor = new PullCursor(saved);
    }

    /** Whether the pages are items, which are independent of each other. */
    boolean hasItems() {
        return items != null;
    }

    /** The next item's address; null if this is the last, or there are none. */
    @Nullable URI nextItem() {
        return items != null && item + 1 < items.size() ? items.get(item + 1) : null;
    }

    /**
     * Goes on to the next item without this one; null if this is the last.
     *
     * @param isAbsent whether the source does not have it, which is not a failure
     */
    @Nullable URI skip(boolean isAbsent) {
        leftOut += isAbsent ? 0 : 1;
        leftOutInARow = isAbsent ? 0 : leftOutInARow + 1;
        URI next = nextItem();
        if (next != null) {
            at = next;
            item++;
        }
        return next;
    }

    /** How many items have failed. */
    int leftOut() {
        return leftOut;
    }

    /** How many items have failed since one did not. */
    int leftOutInARow() {
        return leftOutInARow;
    }

    @Nullable String saved() {
        return saved;
    }

    PullCursor cursor() {
        return cursor;
    }

    URI at() {
        return at;
    }

    /** The pages that were accepted. */
    long pages() {
        return pages;
    }

    /** This page is accepted. */
    void accepted(List<JsonNode> records, PullCursor withRecords, @Nullable URI next) {
        cursor = withRecords;
        ends = ends(records);
        leftOutInARow = 0;
        pages++;
        if (next != null) {
            at = next;
            item++;
            if (pages == nextMark) { // R. P. Brent's cycle detection: finds any loop by remembering one page
                nextMark *= 2;
                marked = at;
            }
        }
    }

    /** Whether this page is known to have been read before. */
    boolean comesBackTo(URI page) {
        return page.equals(at) || page.equals(marked);
    }

    /** Whether the records are those of the page before, by their number, first and last record. */
    boolean repeats(List<JsonNode> records) {
        return !records.isEmpty() && ends(records).equals(ends);
    }

    private static List<JsonNode> ends(List<JsonNode> records) {
        return records.isEmpty()
                ? List.of()
                : List.of(records.get(0), records.get(records.size() - 1), IntNode.valueOf(records.size()));
    }
}
