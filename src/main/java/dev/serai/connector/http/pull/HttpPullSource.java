package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullFailures;
import dev.serai.ledger.model.Cursor;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.RequestAuthRegistry;
import dev.serai.signature.SchemeOptions;
import dev.serai.text.HttpText;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads an HTTP API page by page, or item by item, for the Kamelet {@code http-pull-source}.
 *
 * <p>Threads: see {@link BatchPull}.
 */
public final class HttpPullSource extends BatchPull {
    /** After this many failures, an item is left out, so that it does not hold up the others. */
    private static final int ITEM_TRIES_MAX = 5;

    /** After this many failed items in a row, blame the source, not the items. */
    private static final int LEFT_OUT_MAX = 10;

    private static final int NOT_FOUND = 404;

    private final PullFailures failures = new PullFailures();
    private final HttpPullAddress address;
    private HttpPullPagingOptions paging = new HttpPullPagingOptions();
    private HttpClientSetup clientSetup = new HttpClientSetup("30s", 64L << 20);
    private @Nullable HttpPullClient client;
    private @Nullable JqExpression records;
    private @Nullable JqExpression cursor;
    private @Nullable String start;
    private @Nullable String bearerToken;
    private String authName = "none";
    private Map<String, String> authOptions = Map.of();
    private @Nullable RequestAuth auth;
    private @Nullable HttpPullItems items;
    private Duration overlap = Duration.ofSeconds(10);
    private @Nullable HttpPullRun run;
    private @Nullable HttpPullPage read;
    /** How many records of the page are accepted. */
    private int taken;

    private String firstLeftOut = "";

    /** @param url the address, with {@code {cursor}} and {@code {page}} */
    public HttpPullSource(String url) {
        this.address = new HttpPullAddress(url);
    }

    // ---- Pages

    @Override
    public @Nullable String begin(@Nullable Cursor saved) throws PullException {
        read = null;
        run = null;
        PullCursor from = new PullCursor(saved == null ? start : saved.value(), Instant.now());
        cursorAhead(saved != null && from.isAhead(saved.value()) ? saved.value() : null);
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
        HttpPullPage page = read;
        // A page that is taken in parts is not asked for again, since it may be another one by then.
        if (page == null || (taken == 0 && recordsMax >= page.records().size())) {
            page = ask(now);
            read = page;
            taken = 0;
        }
        return page.batch(taken, now.hasItems() ? Integer.MAX_VALUE : recordsMax, start);
    }

    private HttpPullPage ask(HttpPullRun now) throws Exception {
        boolean mayBeMissing = now.place().number() > 1 && !now.hasItems();
        byte[] body =
                Objects.requireNonNull(client, "not started").get(now.place().at(), mayBeMissing);
        try {
            return page(now, body);
        } catch (PullException e) {
            throw body == null ? e : e.withAnswer(body);
        }
    }

    private HttpPullPage page(HttpPullRun now, byte @Nullable [] body) throws Exception {
        JsonNode answer = body == null ? NullNode.getInstance() : JqExpression.json(body);
        List<JsonNode> records =
                body == null ? List.of() : Objects.requireNonNull(this.records).list(answer);
        PullCursor seen = new PullCursor(now.cursor());
        if (cursor != null) {
            HttpPullPage.see(records, cursor, seen);
        }
        return paging().page(now, answer, records, seen);
    }

    private HttpPullPaging paging() {
        return new HttpPullPaging(address, paging);
    }

    @Override
    public void taken(Batch batch, boolean mayBeNew) {
        HttpPullPage page = Objects.requireNonNull(read);
        run().accepted(mayBeNew);
        taken += batch.records().size();
        if (taken >= page.records().size()) {
            run().accepted(page);
            read = null;
            taken = 0;
            if (page.circle() != null) {
                incomplete(page.circle() + ": the run ends after " + run().pages() + " pages, at " + place());
            }
        }
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
        boolean isAbsent = failure instanceof HttpOperationFailedException http && http.getStatusCode() == NOT_FOUND;
        if (!isAbsent && now.leftOut() == 0) {
            firstLeftOut = "the first at " + place() + ": " + failures.detail(failure);
        }
        HttpPullPlace nextItem = now.skip(isAbsent);
        if (nextItem != null && now.leftOutInARow() >= LEFT_OUT_MAX) {
            incomplete("the run ends, since " + LEFT_OUT_MAX + " items in a row have failed, the last with: "
                    + failures.detail(failure));
            return "";
        }
        return nextItem == null ? "" : nextItem.at().toString();
    }

    @Override
    protected void ended() {
        if (run != null) {
            seen(run.cursor(), run.leftOut());
            if (run.leftOut() > 0) {
                incomplete("items were left out of this run: " + run.leftOut() + ", " + firstLeftOut);
            }
        }
        run = null;
        read = null;
    }

    // ---- Wiring

    @Override
    protected void doInit() {
        if (records == null) {
            throw new IllegalArgumentException("records is missing: the jq expression of the list of records");
        }
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
    public void setRecords(String records) {
        this.records = new JqExpression("records", records);
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
