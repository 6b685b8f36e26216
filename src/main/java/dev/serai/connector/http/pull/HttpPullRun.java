package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullCursor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run of {@code http-pull-source}: its page or item, and the records read so far.
 *
 * <p>Threads: one thread.
 */
final class HttpPullRun {
    private final @Nullable List<HttpPullPlace> items;
    private int item;
    private PullCursor cursor;
    private HttpPullPlace place;
    private long pages;
    private int pagesOfPass;
    private long largest;
    private boolean hasNew;
    private long digestOfPass;
    private @Nullable Long digestOfPassBefore;
    private List<JsonNode> ends = List.of();
    private long countBefore;
    private @Nullable HttpPullPlace marked;
    private long nextMark = 1;
    private int leftOut;
    private int leftOutInARow;

    /**
     * A run at its first page.
     *
     * @param cursor that begins with the saved value
     * @param items the places of all items, if each page is an item
     */
    HttpPullRun(PullCursor cursor, HttpPullPlace place, @Nullable List<HttpPullPlace> items) {
        this.cursor = cursor;
        this.place = place;
        this.items = items;
    }

    /** Whether the pages are items, which are independent of each other. */
    boolean hasItems() {
        return items != null;
    }

    /** The next item; null if this is the last, or there are none. */
    @Nullable HttpPullPlace nextItem() {
        return items != null && item + 1 < items.size() ? items.get(item + 1) : null;
    }

    /**
     * Goes on to the next item without this one; null if this is the last.
     *
     * @param isAbsent whether the source does not have it, which is not a failure
     */
    @Nullable HttpPullPlace skip(boolean isAbsent) {
        leftOut += isAbsent ? 0 : 1;
        leftOutInARow = isAbsent ? 0 : leftOutInARow + 1;
        HttpPullPlace next = nextItem();
        if (next != null) {
            place = next;
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

    PullCursor cursor() {
        return cursor;
    }

    HttpPullPlace place() {
        return place;
    }

    /** The pages that were accepted. */
    long pages() {
        return pages;
    }

    /**
     * Whether this pass had several pages, and brought something that the ledger did not have, or may have, and not the records of
     * the pass before: a route that gives neither id nor version makes new changes of them each time.
     *
     * @param pageSize how many records a full page has, behind which there may have been another one; 0 if that is not known
     */
    boolean needsAnotherPass(int pageSize) {
        boolean mayHaveSeveral = pagesOfPass > 1 || (pageSize > 0 && largest >= pageSize);
        boolean isSame = digestOfPassBefore != null && digestOfPassBefore == digestOfPass;
        return mayHaveSeveral && hasNew && !isSame;
    }

    /** Some records of this page are accepted. */
    void accepted(boolean mayBeNew) {
        hasNew |= mayBeNew;
    }

    /** This page is accepted. */
    void accepted(HttpPullPage page) {
        cursor = page.cursor();
        ends = page.ends();
        countBefore = page.count();
        leftOutInARow = 0;
        pages++;
        digestOfPass += page.digest();
        pagesOfPass += page.count() == 0 ? 0 : 1;
        largest = Math.max(largest, page.count());
        HttpPullPlace next = page.next();
        if (next != null) {
            boolean sameWindow =
                    Objects.equals(next.values().window(), place.values().window());
            if (next.pass() != place.pass() || !sameWindow) {
                digestOfPassBefore = sameWindow ? digestOfPass : null;
                digestOfPass = 0;
                pagesOfPass = 0;
                largest = 0;
                hasNew = false;
                ends = List.of();
                countBefore = 0;
            }
            place = next;
            item++;
            if (pages == nextMark) { // R. P. Brent's cycle detection: finds any loop by remembering one page
                nextMark *= 2;
                marked = next;
            }
        }
    }

    /** Whether this page is known to have been read before. */
    boolean comesBackTo(HttpPullPlace page) {
        return page.isSameRequest(place) || page.isSameRequest(marked);
    }

    /** Whether the records are those of the page before, by their number, first and last record. */
    boolean repeats(HttpPullReading page) {
        return page.count() == countBefore
                && !page.ends().isEmpty()
                && page.ends().equals(ends);
    }
}
