package dev.serai.connector.http;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.serai.text.LogText;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.http.base.HttpOperationFailedException;
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
    private HttpClientSetup clientSetup = new HttpClientSetup("30s", 64L << 20);
    private @Nullable HttpPullClient client;
    private @Nullable JqExpression records;
    private @Nullable JqExpression next;
    private @Nullable JqExpression cursor;
    private @Nullable String start;
    private @Nullable String bearerToken;
    private String authName = "none";
    private Map<String, String> authOptions = Map.of();
    private @Nullable RequestAuth auth;
    private @Nullable HttpPullItems items;
    private int pageSize;
    private int startPage = 1;
    private @Nullable HttpPullRun run;
    private @Nullable HttpPullPage read;

    /** @param url the address, with {@code {cursor}} and {@code {page}} */
    public HttpPullSource(String url) {
        this.address = new HttpPullAddress(url);
    }

    // ---- Pages

    @Override
    public @Nullable String begin(@Nullable Cursor saved) throws PullException {
        run = null;
        if (items == null) {
            String value = saved == null ? start : saved.value();
            run = new HttpPullRun(value, address.fill(value, String.valueOf(startPage)), null);
            return run.at().toString();
        }
        CamelContext context = Objects.requireNonNull(getCamelContext(), "not started");
        List<URI> addresses = items.list(context).stream().map(address::fill).toList();
        if (addresses.isEmpty()) {
            return null;
        }
        run = new HttpPullRun(null, addresses.get(0), addresses);
        return run.at().toString();
    }

    @Override
    public @Nullable Batch next(@Nullable String position, int recordsMax) throws Exception {
        HttpPullRun now = run;
        if (now == null) {
            return null;
        }
        JsonNode answer =
                JqExpression.json(Objects.requireNonNull(client, "not started").get(now.at()));
        List<JsonNode> page = Objects.requireNonNull(records).list(answer);
        if (next == null && !now.hasItems() && now.repeats(page)) {
            throw new PullException("page after page has the same records: check {page} in the address");
        }
        PullCursor seen = new PullCursor(now.cursor());
        if (cursor != null) {
            HttpPullPage.see(page, cursor, seen);
        }
        read = new HttpPullPage(page, seen, nextPage(now, answer, page.size()));
        return read.batch(place(), start);
    }

    private @Nullable URI nextPage(HttpPullRun now, JsonNode answer, int size) throws PullException {
        if (now.hasItems()) {
            return now.nextItem();
        }
        if (next == null) {
            boolean more = address.hasPage() && size > 0 && size >= pageSize;
            return more ? numbered(now) : null;
        }
        JsonNode value = next.value(answer);
        if (value == null) {
            return null;
        }
        try {
            URI page = value.isBoolean() ? numbered(now) : address.next(value, now.at(), now.saved());
            if (!now.comesBackTo(page)) {
                return page;
            }
        } catch (IllegalArgumentException e) {
            throw new PullException("the next page cannot be asked for: " + LogText.of(e.getMessage()));
        }
        throw new PullException("the next page is one that was read before, so the pages go round in a circle");
    }

    private URI numbered(HttpPullRun now) {
        return address.fill(now.saved(), String.valueOf(startPage + now.pages() + 1));
    }

    @Override
    public void taken(Batch batch) {
        HttpPullPage page = Objects.requireNonNull(read);
        run().accepted(page.records(), page.cursor(), page.next());
    }

    private HttpPullRun run() {
        return Objects.requireNonNull(run, "no run has begun");
    }

    // ---- Failures

    /** A page is one request, so its records cannot be read one by one. */
    @Override
    protected boolean canSplit() {
        return false;
    }

    @Override
    protected String place() {
        return run == null ? "" : HttpPullAddress.withoutQuery(run.at());
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
            LOG.warn("Pull {}: an item is left out of this run, at {}: {}", name(), place(), failures.reason(failure));
        }
        URI nextItem = now.skip(isAbsent);
        if (nextItem != null && now.leftOutInARow() >= LEFT_OUT_MAX) {
            LOG.warn(
                    "Pull {}: the run ends, since {} items in a row have failed, the last with: {}",
                    name(),
                    LEFT_OUT_MAX,
                    failures.reason(failure));
            return "";
        }
        return nextItem == null ? "" : nextItem.toString();
    }

    @Override
    protected void ended() {
        if (run != null && run.leftOut() > 1) {
            LOG.warn("Pull {}: {} items were left out of this run", name(), run.leftOut());
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
        if (pageSize < 0) {
            throw new IllegalArgumentException("pageSize must not be negative");
        }
        if (!authName.equals("none")) {
            auth = RequestAuthRegistry.create(authName, SchemeOptions.of(authOptions));
        }
        if (address.hasItem() != (items != null)) {
            throw new IllegalArgumentException("items and {item} in url belong together: set both");
        }
        if (items != null && (next != null || cursor != null || address.hasPage() || address.hasCursor())) {
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

    /** @param next jq: the next page's address or token in an answer, or whether there is one */
    public void setNext(@Nullable String next) {
        this.next = isBlank(next) ? null : new JqExpression("next", String.valueOf(next));
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

    /** @param pageSize records of a full page, or 0 if an empty page is the last */
    public void setPageSize(int pageSize) {
        this.pageSize = pageSize;
    }

    public void setStartPage(int startPage) {
        this.startPage = startPage;
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
