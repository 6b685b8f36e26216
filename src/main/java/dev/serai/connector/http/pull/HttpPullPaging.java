package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.VersionOrder;
import dev.serai.text.LogText;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Decides which page comes next: the one that the answer names; else, if the source sorts by the cursor, the one from the
 * newest value on; else the one with the next number, until a page is empty, and again from the first one on until nothing
 * new comes, since records move between pages while they are read.
 *
 * <p>Threads: safe.
 */
final class HttpPullPaging {
    /** A source in which something moves during each of so many passes is read on by the next run. */
    private static final int PASSES_MAX = 10;

    private final HttpPullAddress address;
    private final HttpPullPagingOptions options;

    HttpPullPaging(HttpPullAddress address, HttpPullPagingOptions options) {
        this.address = address;
        this.options = options;
    }

    /** Where a run begins. */
    HttpPullPlace first(@Nullable String asked) {
        return first(asked, 0);
    }

    /**
     * The page that was read at the run's place.
     *
     * @param read to its end
     */
    HttpPullPage page(HttpPullRun run, HttpPullReading read) throws PullException {
        HttpPullPlace place = run.place();
        if (options.next() == null && !run.hasItems() && place.number() > 1 && run.repeats(read)) {
            throw new PullException("page after page has the same records: check {page} in the address");
        }
        boolean mayReadOn = options.sorted() && read.cursor().isSorted();
        HttpPullPlace behind = behind(run, read, mayReadOn);
        String circle = null;
        if (behind != null && options.next() != null && run.comesBackTo(behind.at())) {
            circle = "the next page is one that was read before, so the pages go round in a circle";
        } else if (behind != null && !run.hasItems() && run.pages() + 1 >= options.maxPages()) {
            circle = "there are more than maxPages=" + options.maxPages() + " pages";
        }
        return new HttpPullPage(
                place, read.count(), read.ends(), read.cursor(), mayReadOn, circle == null ? behind : null, circle);
    }

    private @Nullable HttpPullPlace behind(HttpPullRun run, HttpPullReading read, boolean mayReadOn)
            throws PullException {
        HttpPullPlace place = run.place();
        if (run.hasItems()) {
            return run.nextItem();
        }
        if (options.next() != null) {
            HttpPullRecords source = read.source();
            return source == null ? null : named(options.next().value(source.rest()), place);
        }
        String newest = read.cursor().askFrom();
        if (mayReadOn && address.hasCursor() && newest != null && isLater(newest, place.asked())) {
            return first(newest, place.pass());
        }
        if (!address.hasPage()) {
            return null;
        }
        if (read.count() > 0) {
            return numbered(place);
        }
        boolean again = !options.sorted() && run.needsAnotherPass(options.pageSize()) && place.pass() + 1 < PASSES_MAX;
        return again ? first(place.asked(), place.pass() + 1) : null;
    }

    private HttpPullPlace first(@Nullable String asked, int pass) {
        return new HttpPullPlace(address.fill(asked, String.valueOf(options.startPage())), asked, 1, pass);
    }

    private static boolean isLater(String value, @Nullable String asked) {
        return asked == null || asked.isEmpty() || VersionOrder.compare(value, asked) > 0;
    }

    private @Nullable HttpPullPlace named(@Nullable JsonNode value, HttpPullPlace place) throws PullException {
        if (value == null) {
            return null;
        }
        try {
            if (value.isBoolean()) {
                return numbered(place);
            }
            URI page = address.next(value, place.at(), place.asked());
            return new HttpPullPlace(page, place.asked(), place.number() + 1, place.pass());
        } catch (IllegalArgumentException e) {
            throw new PullException("the next page cannot be asked for: " + LogText.of(e.getMessage()));
        }
    }

    private HttpPullPlace numbered(HttpPullPlace place) {
        String number = String.valueOf(options.startPage() + place.number());
        return new HttpPullPlace(address.fill(place.asked(), number), place.asked(), place.number() + 1, place.pass());
    }
}
