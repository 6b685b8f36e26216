package dev.serai.camel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a pull: the page it is at, and what it has seen so far.
 *
 * <p>Threads: for one.
 */
final class PullRun {
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
    PullRun(String name, @Nullable String saved, URI at, int stops) {
        this.name = name;
        this.saved = saved;
        this.at = at;
        this.stops = stops;
        this.cursor = new PullCursor(saved);
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
        read = null;
        failures = 0;
        waitMillis = 0;
        ends = ends(page.records());
        pages++;
        if (page.next() == null) {
            return false;
        }
        at = page.next();
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
