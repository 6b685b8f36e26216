package dev.serai.connector.http.pull;

import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.text.HttpText;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.util.IOHelper;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the pages of a run, and makes batches of their records.
 *
 * <p>Threads: one thread at a time.
 */
final class HttpPullReader implements Closeable {
    private final HttpPullClient client;
    private final HttpPullFormat format;
    private final HttpPullPagingOptions options;
    private final HttpPullPaging paging;
    private final HttpPullPace pace;
    private final @Nullable JqExpression cursor;
    private final HttpPullCondition condition = new HttpPullCondition();
    private @Nullable HttpPullReading reading;
    /** The page whose last part is read. */
    private @Nullable HttpPullPage read;

    /** @param cursor where a record has its cursor */
    HttpPullReader(
            HttpPullClient client,
            HttpPullFormat format,
            HttpPullPagingOptions options,
            HttpPullPaging paging,
            HttpPullPace pace,
            @Nullable JqExpression cursor) {
        this.client = client;
        this.format = format;
        this.options = options;
        this.paging = paging;
        this.pace = pace;
        this.cursor = cursor;
    }

    /**
     * The next records of the run.
     *
     * @param recordsMax how many; items are not divided unless they are long
     * @param start the value of the cursor before one is saved
     */
    Batch next(HttpPullRun run, int recordsMax, @Nullable String start) throws Exception {
        HttpPullReading page = reading;
        try {
            // A page that is taken in parts is not asked for again, since it may be another one by then.
            if (page == null || (page.isUntouched() && recordsMax >= page.offered())) {
                close();
                page = ask(run);
                reading = page;
            }
            return batch(run, page, start, page.part(run.hasItems() ? Integer.MAX_VALUE : recordsMax));
        } catch (IOException e) {
            close();
            throw e;
        } catch (PullException e) {
            HttpPullAnswer answer = page == null ? null : page.answer();
            PullException told = answer == null ? e : e.withAnswer(answer.beginning());
            close();
            throw told;
        }
    }

    private HttpPullReading ask(HttpPullRun run) throws Exception {
        HttpPullPlace place = run.place();
        // A page that an answer has named is there, or something is wrong.
        boolean mayBeMissing = place.number() > 1 && !run.hasItems() && !options.isNamed();
        boolean isFirst = run.pages() == 0;
        pace.await(isFirst);
        HttpPullAnswer answer =
                client.ask(place, mayBeMissing, isFirst && !run.hasItems() ? condition.headers(place) : Map.of());
        pace.answered();
        if (answer != null) {
            condition.forget();
        }
        try {
            HttpPullRecords source = answer == null ? null : format.records(answer, options, place);
            return new HttpPullReading(place, answer, source, cursor, run.cursor());
        } catch (PullException e) {
            PullException told = answer == null ? e : e.withAnswer(answer.beginning());
            IOHelper.close(answer);
            throw told;
        } catch (IOException e) {
            IOHelper.close(answer);
            throw e;
        }
    }

    /** The last part of a page has the cursor. */
    private Batch batch(HttpPullRun run, HttpPullReading page, @Nullable String start, List<Object> part)
            throws PullException {
        String at = page.place().at().toString();
        String firstPlace = part.size() == 1
                ? page.place().ofRecord(String.valueOf(part.get(0)))
                : HttpText.withoutQuery(page.place().at());
        if (!page.isLastPart()) {
            return new Batch(part, firstPlace, at, null, false);
        }
        HttpPullPage whole = paging.page(run, page);
        read = whole;
        String value = whole.toSave();
        boolean unchanged = whole.count() == 0 && Objects.equals(value, start);
        HttpPullPlace next = whole.next();
        return new Batch(
                part, firstPlace, next == null ? "" : next.at().toString(), unchanged ? null : value, next == null);
    }

    /**
     * A batch is accepted.
     *
     * @return why the run ends although there are more pages; null if it does not
     */
    @Nullable String taken(HttpPullRun run, Batch batch, boolean mayBeNew) {
        HttpPullReading page = Objects.requireNonNull(reading);
        run.accepted(mayBeNew);
        page.accepted(batch.records().size());
        if (!page.isDone()) {
            return null;
        }
        HttpPullPage whole = Objects.requireNonNull(read);
        run.accepted(whole);
        HttpPullAnswer answer = page.answer();
        boolean isOnly = run.pages() == 1 && whole.next() == null && whole.circle() == null;
        if (isOnly && answer != null && !run.hasItems()) {
            condition.remember(page.place(), answer);
        }
        close();
        return whole.circle();
    }

    /** Forgets the page that is being read. */
    @Override
    public void close() {
        IOHelper.close(reading);
        reading = null;
        read = null;
    }
}
