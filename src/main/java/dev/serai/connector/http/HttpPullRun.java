package dev.serai.connector.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.serai.connector.pull.PullCursor;
import java.net.URI;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a pull: the page it is at, or the item, and what it has seen so far.
 *
 * <p>Threads: for one.
 */
final class HttpPullRun {
    private final String name;
    private final @Nullable String saved;
    private final int stops;
    private PullCursor cursor;
    private URI at;
    private long pages;
    private long waitMillis;
    private int failures;
    private @Nullable Page read;
    private List<JsonNode> ends = List.of();
    private @Nullable URI marked;
    private long nextMark = 1;
    private final @Nullable Iterator<URI> items;
    private int leftOut;
    private int leftOutInARow;

    /**
     * A page that was read and is not accepted yet.
     *
     * @param cursor with the page's records
     * @param next null if it is the last
     */
    record Page(
            List<JsonNode> records,
            PullCursor cursor,
            @Nullable URI next) {}

    /**
     * A run at its first page.
     *
     * @param name the cursor's
     * @param saved the cursor's value
     * @param stops how often the route had been stopped before
     */
    HttpPullRun(String name, @Nullable String saved, URI at, int stops) {
        this(name, saved, at, stops, null);
    }

    /**
     * A run over items, each of which is a page.
     *
     * @param items their addresses, at least one
     */
    static HttpPullRun over(Iterator<URI> items, String name, int stops) {
        return new HttpPullRun(name, null, items.next(), stops, items);
    }

    private HttpPullRun(String name, @Nullable String saved, URI at, int stops, @Nullable Iterator<URI> items) {
        this.name = name;
        this.saved = saved;
        this.at = at;
        this.stops = stops;
        this.items = items;
        this.cursor = new PullCursor(saved);
    }

    /** Whether the pages are items, which have nothing to do with each other. */
    boolean hasItems() {
        return items != null;
    }

    /** The next item's address; null if this is the last, or there are none. */
    @Nullable URI nextItem() {
        return items != null && items.hasNext() ? items.next() : null;
    }

    /** Goes on to the next item without this one; false if there is none. */
    boolean leaveOut() {
        leftOut++;
        leftOutInARow++;
        return goOn(nextItem());
    }

    /** How many items have failed. */
    int leftOut() {
        return leftOut;
    }

    /** How many have failed since one did not. */
    int leftOutInARow() {
        return leftOutInARow;
    }

    private boolean goOn(@Nullable URI next) {
        read = null;
        failures = 0;
        waitMillis = 0;
        if (next == null) {
            return false;
        }
        at = next;
        return true;
    }

    String name() {
        return name;
    }

    @Nullable String saved() {
        return saved;
    }

    int stops() {
        return stops;
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

    /** How long to wait before the page is asked for. */
    long waitMillis() {
        return waitMillis;
    }

    /** How often asking for this page has failed. */
    int failures() {
        return failures;
    }

    @Nullable Page read() {
        return read;
    }

    void read(Page page) {
        read = page;
    }

    /** The page has to be asked for again. */
    void failed(long wait) {
        read = null;
        failures++;
        waitMillis = wait;
    }

    /** The page is accepted: goes on to the next, if there is one. */
    boolean accepted(Page page) {
        cursor = page.cursor();
        ends = ends(page.records());
        leftOutInARow = 0;
        pages++;
        if (!goOn(page.next())) {
            return false;
        }
        if (pages == nextMark) { // R. P. Brent's cycle detection: finds any loop by remembering one page
            nextMark *= 2;
            marked = at;
        }
        return true;
    }

    /** Whether this page is known to have been asked for before. */
    boolean comesBackTo(URI page) {
        return page.equals(at) || page.equals(marked);
    }

    /** Whether the records are those of the page before, by their number and both ends. */
    boolean repeats(List<JsonNode> records) {
        return !records.isEmpty() && ends(records).equals(ends);
    }

    private static List<JsonNode> ends(List<JsonNode> records) {
        return records.isEmpty()
                ? List.of()
                : List.of(records.get(0), records.get(records.size() - 1), IntNode.valueOf(records.size()));
    }
}
