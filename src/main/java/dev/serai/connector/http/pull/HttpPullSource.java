package dev.serai.connector.http.pull;

import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.FutureRecords;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullFailures;
import dev.serai.ledger.model.Cursor;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.RequestAuthRegistry;
import dev.serai.signature.SchemeOptions;
import dev.serai.text.HttpText;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.util.IOHelper;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an HTTP API page by page, or item by item, for the Kamelet {@code http-pull-source}.
 *
 * <p>Threads: see {@link BatchPull}.
 */
public final class HttpPullSource extends BatchPull {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPullSource.class);

    /** After this many failures, an item is left out, so that it does not hold up the others. */
    private static final int ITEM_TRIES_MAX = 5;

    /** After this many failed items in a row, blame the source, not the items. */
    private static final int LEFT_OUT_MAX = 10;

    private static final int NOT_FOUND = 404;

    private final PullFailures failures = new PullFailures();
    private final HttpPullAddress address;
    private HttpPullPagingOptions paging = new HttpPullPagingOptions();
    private HttpClientSetup clientSetup = new HttpClientSetup("30s", HttpPullAnswer.BYTES_MAX + (1 << 20));
    private @Nullable HttpPullClient client;
    private final HttpPullFormat format = new HttpPullFormat();
    private @Nullable JqExpression cursor;
    private @Nullable String start;
    private @Nullable String bearerToken;
    private String authName = "none";
    private Map<String, String> authOptions = Map.of();
    private @Nullable RequestAuth auth;
    private @Nullable HttpPullItems items;
    private Duration overlap = Duration.ofSeconds(10);
    private final FutureRecords future = new FutureRecords();
    private @Nullable HttpPullRun run;
    private @Nullable HttpPullReading reading;
    /** The page whose last part is read. */
    private @Nullable HttpPullPage read;

    /** @param url the address, with {@code {cursor}} and {@code {page}} */
    public HttpPullSource(String url) {
        this.address = new HttpPullAddress(url);
    }

    // ---- Pages

    @Override
    public @Nullable String begin(@Nullable Cursor saved) throws PullException {
        closeReading();
        run = null;
        PullCursor from = new PullCursor(saved == null ? start : saved.value(), Instant.now());
        if (items == null) {
            String asked = saved == null ? start : PullCursor.minus(saved.value(), overlap);
            run = new HttpPullRun(from, paging().first(asked), null);
            return position();
        }
        CamelContext context = Objects.requireNonNull(getCamelContext(), "not started");
        List<URI> addresses = items.list(context).stream().map(address::fill).toList();
        if (addresses.isEmpty()) {
            return null;
        }
        run = new HttpPullRun(from, new HttpPullPlace(addresses.get(0), null, 1, 0), addresses);
        return position();
    }

    private String position() {
        return run().place().at().toString();
    }

    @Override
    public @Nullable Batch next(@Nullable String position, int recordsMax) throws Exception {
        HttpPullRun now = run;
        if (now == null) {
            return null;
        }
        HttpPullReading page = reading;
        try {
            // A page that is taken in parts is not asked for again, since it may be another one by then.
            if (page == null || (page.isUntouched() && recordsMax >= page.offered())) {
                closeReading();
                page = ask(now);
                reading = page;
            }
            return batch(now, page, page.part(now.hasItems() ? Integer.MAX_VALUE : recordsMax));
        } catch (IOException | PullException e) {
            closeReading();
            throw e;
        }
    }

    @Override
    protected long batchBytesMax() {
        return HttpPullReading.PART_CHARS_MAX;
    }

    private HttpPullReading ask(HttpPullRun now) throws Exception {
        HttpPullPlace place = now.place();
        boolean mayBeMissing = place.number() > 1 && !now.hasItems();
        HttpPullAnswer answer = Objects.requireNonNull(client, "not started").get(place.at(), mayBeMissing);
        try {
            HttpPullRecords source = answer == null ? null : format.records(answer, paging, place);
            return new HttpPullReading(place, answer, source, cursor, now.cursor());
        } catch (IOException | PullException e) {
            if (answer != null) {
                answer.close();
            }
            throw e;
        }
    }

    /** The last part of a page has the cursor. */
    private Batch batch(HttpPullRun now, HttpPullReading page, List<Object> part) throws PullException {
        String at = page.place().at().toString();
        String firstPlace = part.size() == 1
                ? page.place().ofRecord(String.valueOf(part.get(0)))
                : HttpText.withoutQuery(page.place().at());
        if (!page.isLastPart()) {
            return new Batch(part, firstPlace, at, null, false);
        }
        HttpPullPage whole = paging().page(now, page);
        read = whole;
        String value = whole.toSave();
        boolean unchanged = whole.count() == 0 && Objects.equals(value, start);
        HttpPullPlace next = whole.next();
        return new Batch(
                part, firstPlace, next == null ? "" : next.at().toString(), unchanged ? null : value, next == null);
    }

    private HttpPullPaging paging() {
        return new HttpPullPaging(address, paging);
    }

    @Override
    public void taken(Batch batch, boolean mayBeNew) {
        HttpPullReading page = Objects.requireNonNull(reading);
        run().accepted(mayBeNew);
        page.accepted(batch.records().size());
        if (page.isDone()) {
            HttpPullPage whole = Objects.requireNonNull(read);
            run().accepted(whole);
            closeReading();
            if (whole.circle() != null) {
                LOG.warn(
                        "Pull {}: the run ends after {} pages, at {}: {}",
                        name(),
                        run().pages(),
                        place(),
                        whole.circle());
            }
        }
    }

    private void closeReading() {
        IOHelper.close(reading);
        reading = null;
        read = null;
    }

    private HttpPullRun run() {
        return Objects.requireNonNull(run, "no run has begun");
    }

    // ---- Failures

    /** An item is left out instead. */
    @Override
    protected boolean canSplit() {
        return items == null;
    }

    @Override
    protected String place() {
        return run == null ? "" : HttpText.withoutQuery(run.place().at());
    }

    @Override
    protected @Nullable Long waitForSource(Throwable failure, int tries) {
        boolean enough = run().hasItems() && tries + 1 >= ITEM_TRIES_MAX;
        return enough ? null : failures.waitForSource(failure, tries);
    }

    /** Goes on to the next item. One that the source does not have is not a failure. */
    @Override
    protected @Nullable String leaveOut(Throwable failure) {
        HttpPullRun now = run();
        if (!now.hasItems()) {
            return null;
        }
        closeReading();
        boolean isAbsent = failure instanceof HttpOperationFailedException http && http.getStatusCode() == NOT_FOUND;
        if (!isAbsent && now.leftOut() == 0) {
            LOG.warn("Pull {}: an item is left out of this run, at {}: {}", name(), place(), failures.reason(failure));
        }
        HttpPullPlace nextItem = now.skip(isAbsent);
        if (nextItem != null && now.leftOutInARow() >= LEFT_OUT_MAX) {
            LOG.warn(
                    "Pull {}: the run ends, since {} items in a row have failed, the last with: {}",
                    name(),
                    LEFT_OUT_MAX,
                    failures.reason(failure));
            return "";
        }
        return nextItem == null ? "" : nextItem.at().toString();
    }

    @Override
    protected void ended() {
        if (run != null) {
            future.tell(name(), run.cursor());
        }
        if (run != null && run.leftOut() > 1) {
            LOG.warn("Pull {}: {} items were left out of this run", name(), run.leftOut());
        }
        run = null;
        closeReading();
    }

    // ---- Wiring

    @Override
    protected void doInit() {
        format.check(paging.next() != null);
        if (paging.sorted() && cursor == null) {
            throw new IllegalArgumentException("sorted needs cursor: the value that the source sorts by");
        }
        if (!authName.equals("none")) {
            auth = RequestAuthRegistry.create(authName, SchemeOptions.of(authOptions));
        }
        if (address.hasItem() != (items != null)) {
            throw new IllegalArgumentException("items and {item} in url belong together: set both");
        }
        if (items != null && (paging.next() != null || cursor != null || address.hasPage() || address.hasCursor())) {
            throw new IllegalArgumentException(
                    "items cannot be set together with next, cursor, {page} or {cursor}: each item is one page");
        }
    }

    @Override
    protected void doStart() throws Exception {
        client = new HttpPullClient(Objects.requireNonNull(getCamelContext()), clientSetup, bearerToken, auth);
    }

    @Override
    protected void doStop() {
        if (client != null) {
            client.close();
        }
    }

    /** @param client how requests are made */
    public void setClient(HttpClientSetup client) {
        this.clientSetup = client;
    }

    /** @param records jq: the list of records in an answer */
    public void setRecords(@Nullable String records) {
        format.setRecords(records);
    }

    /** @param paging how its pages follow each other */
    public void setPaging(HttpPullPagingOptions paging) {
        this.paging = paging;
    }

    /** @param cursor jq: the value in a record that the source sorts and filters by */
    public void setCursor(@Nullable String cursor) {
        this.cursor = isBlank(cursor) ? null : new JqExpression("cursor", String.valueOf(cursor));
    }

    /** @param start the value of the cursor before one is saved */
    public void setStart(@Nullable String start) {
        this.start = isBlank(start) ? null : start;
    }

    public void setBearerToken(@Nullable String bearerToken) {
        this.bearerToken = isBlank(bearerToken) ? null : bearerToken;
    }

    /** @param items the URI of an endpoint that lists the values of {@code {item}} */
    public void setItems(@Nullable String items) {
        this.items = isBlank(items) ? null : new HttpPullItems(String.valueOf(items));
    }

    /** @param authName how the requests are signed, see {@link RequestAuthRegistry}; {@code none} for not at all */
    public void setAuth(String authName) {
        this.authName = authName;
    }

    /** @param authOptions the keys to sign with, by name; those that are null count as not set */
    public void setAuthOptions(Map<String, String> authOptions) {
        this.authOptions = authOptions;
    }

    /** @param overlap how much earlier than the saved time a run begins to read, for records that appear late */
    public void setOverlap(String overlap) {
        this.overlap = Duration.ofMillis(TimeUtils.toMilliSeconds(overlap.strip()));
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
