package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullTime;
import dev.serai.connector.pull.PullWindow;
import dev.serai.connector.pull.RepeatedHour;
import dev.serai.ledger.model.VersionOrder;
import dev.serai.text.LogText;
import java.time.Duration;
import java.time.Instant;
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

    private final HttpPullTemplate template;
    private final HttpPullPagingOptions options;
    private final PullTime time;

    /** @param time how the source wants cursors and windows to be written */
    HttpPullPaging(HttpPullTemplate template, HttpPullPagingOptions options, PullTime time) {
        this.template = template;
        this.options = options;
        this.time = time;
    }

    /**
     * Where a run begins; null if there is nothing to read yet.
     *
     * @param saved the cursor
     * @param start the cursor before one is saved
     * @param overlap how much earlier than the saved cursor it begins
     */
    @Nullable HttpPullPlace begin(@Nullable String saved, @Nullable String start, Duration overlap, Instant now)
            throws PullException {
        Duration step = options.window();
        if (step == null) {
            String from =
                    saved == null ? start : PullCursor.minus(saved, RepeatedHour.lookBack(saved, overlap, time.zone()));
            return first(from, null, now, 0);
        }
        Instant from = saved == null
                ? time.time(String.valueOf(start))
                : time.time(saved).minus(overlap);
        PullWindow window = PullWindow.first(from, step, overlap, now);
        return window == null ? null : first(null, window, now, 0);
    }

    /**
     * The page that was read at the run's place.
     *
     * @param read to its end
     */
    HttpPullPage page(HttpPullRun run, HttpPullReading read) throws PullException {
        HttpPullPlace place = run.place();
        if (!options.isNamed() && !run.hasItems() && place.number() > 1 && run.repeats(read)) {
            throw new PullException("page after page has the same records: check {page} or {offset} in the request");
        }
        HttpPullRecords records = read.source();
        if (records != null
                && (read.count() > 0 || place.number() == 1)) { // behind the end some say that there are none
            options.readTotal(records.rest());
        }
        boolean mayReadOn = options.sorted() && read.cursor().isSorted();
        HttpPullPlace behind = behind(run, read, mayReadOn);
        PullWindow window = place.values().window();
        boolean isUnsettled = behind == null && isUnsettled(run, read);
        boolean isCutOff = behind == null && isCutOff(run, read);
        PullWindow done = behind == null && !isUnsettled && !isCutOff ? window : null;
        PullWindow nextWindow = done == null ? null : done.next();
        if (nextWindow != null) {
            behind = first(null, nextWindow, place.values().now(), 0);
        }
        String circle = null;
        if (behind != null && options.isNamed() && run.comesBackTo(behind)) {
            circle = isFlag(nextOf(read)) && !template.isNumbered()
                    ? "the answer says that there are more records, and nothing in the request asks for them: add {page} or"
                            + " {offset}, or {cursor} and sorted: true if the source sorts by the cursor"
                    : "the next page is one that was read before, so the pages go round in a circle";
        } else if (behind != null && !run.hasItems() && run.pages() + 1 >= options.maxPages()) {
            circle = "there are more than maxPages=" + options.maxPages() + " pages";
        } else if (isCutOff) {
            circle =
                    "the page is full, and there is no way to the records behind it: add {page} or {offset} to the request,"
                            + " set next, or ask for more records per page; the cursor stays";
        } else if (isUnsettled) {
            circle = "each of " + PASSES_MAX + " passes over the pages brought something new, so records may have moved"
                    + " between them while they were read; the cursor stays, and the next run reads all of it again";
        }
        HttpPullPlace next = circle == null ? behind : null;
        String toSave;
        if (window != null) {
            toSave = done == null ? null : done.to().toString();
        } else { // at the end of a run the route has accepted all records, so their order does not matter
            toSave = mayReadOn || (next == null && circle == null)
                    ? read.cursor().toSave()
                    : null;
        }
        return new HttpPullPage(place, read.count(), read.digest(), read.ends(), read.cursor(), toSave, next, circle);
    }

    private @Nullable HttpPullPlace behind(HttpPullRun run, HttpPullReading read, boolean mayReadOn)
            throws PullException {
        HttpPullPlace place = run.place();
        if (run.hasItems()) {
            return run.nextItem();
        }
        if (options.isNamed()) {
            return named(read, place, mayReadOn);
        }
        HttpPullPlace readOn = mayReadOn ? fromNewest(read, place) : null;
        if (readOn != null) {
            return readOn;
        }
        if (!template.isNumbered()) {
            return null;
        }
        if (read.count() > 0) {
            return numbered(place, read);
        }
        return isUnsettled(run, read) && place.pass() + 1 < PASSES_MAX
                ? first(place.asked(), place.values().window(), place.values().now(), place.pass() + 1)
                : null;
    }

    /** From the newest value on; null if that would be the same request. */
    private @Nullable HttpPullPlace fromNewest(HttpPullReading read, HttpPullPlace place) throws PullException {
        String newest = read.cursor().askFrom();
        boolean isOther = template.has("cursor") && newest != null && isLater(newest, place.asked());
        return isOther ? first(newest, null, place.values().now(), place.pass()) : null;
    }

    /** Whether this is the end of the pages by number, and they have to be read again from the first one. */
    private boolean isUnsettled(HttpPullRun run, HttpPullReading read) {
        boolean isByNumber = !run.hasItems() && !options.isNamed() && template.isNumbered() && !options.sorted();
        return isByNumber && read.count() == 0 && run.needsAnotherPass(options.pageSize());
    }

    /** Whether there may be more records that neither this run nor the next one, from the cursor on, would ask for. */
    private boolean isCutOff(HttpPullRun run, HttpPullReading read) {
        boolean hasWay = run.hasItems() || options.isNamed() || template.isNumbered();
        if (hasWay || options.pageSize() == 0 || read.count() < options.pageSize()) {
            return false;
        }
        String newest = read.cursor().isSorted() && template.has("cursor")
                ? read.cursor().askFrom()
                : null;
        return newest == null || !isLater(newest, run.place().asked());
    }

    private HttpPullPlace first(@Nullable String asked, @Nullable PullWindow window, Instant now, int pass)
            throws PullException {
        String text = asked == null ? "" : time.cursor(asked);
        String page = String.valueOf(options.startPage());
        return template.place(new HttpPullValues(asked, text, page, 0, window, now, "", time), 1, pass);
    }

    private static boolean isLater(String value, @Nullable String asked) {
        return asked == null || asked.isEmpty() || VersionOrder.compare(value, asked) > 0;
    }

    private @Nullable JsonNode nextOf(HttpPullReading read) throws PullException {
        HttpPullAnswer answer = read.answer();
        HttpPullRecords source = read.source();
        if (answer == null || source == null) {
            return null;
        }
        JqExpression inBody = options.next();
        return inBody == null ? options.inHeader(answer) : inBody.value(source.rest());
    }

    /** Whether an answer says only that there are more pages. */
    private static boolean isFlag(@Nullable JsonNode next) {
        return next != null && next.isBoolean();
    }

    private @Nullable HttpPullPlace named(HttpPullReading read, HttpPullPlace place, boolean mayReadOn)
            throws PullException {
        JsonNode value = nextOf(read);
        if (value == null) {
            return null;
        }
        if (isFlag(value)) {
            HttpPullPlace readOn = mayReadOn && !template.isNumbered() ? fromNewest(read, place) : null;
            return readOn == null ? numbered(place, read) : readOn;
        }
        try {
            return template.next(value, options.isLink(), place, place.values().behind(read.count()));
        } catch (IllegalArgumentException e) {
            throw new PullException("the next page cannot be asked for: " + LogText.of(e.getMessage()));
        }
    }

    private HttpPullPlace numbered(HttpPullPlace place, HttpPullReading read) {
        String number = String.valueOf(options.startPage() + place.number());
        return template.place(place.values().withPage(number).behind(read.count()), place.number() + 1, place.pass());
    }
}
