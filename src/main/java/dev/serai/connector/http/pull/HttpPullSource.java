package dev.serai.connector.http.pull;

import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.http.token.TokenClient;
import dev.serai.connector.http.token.TokenOptions;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullFailures;
import dev.serai.connector.pull.PullTime;
import dev.serai.ledger.model.Cursor;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.RequestAuthRegistry;
import dev.serai.signature.SchemeOptions;
import dev.serai.text.DurationText;
import dev.serai.text.HttpText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.http.base.HttpOperationFailedException;
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
    private final String url;
    private HttpPullPagingOptions paging = new HttpPullPagingOptions();
    private HttpPullRequestOptions request = new HttpPullRequestOptions();
    private HttpPullFormat format = new HttpPullFormat();
    private TokenOptions token = new TokenOptions();
    private @Nullable HttpPullTemplate template;
    private PullTime time = request.time();
    private HttpClientSetup clientSetup = new HttpClientSetup("30s", HttpPullAnswer.BYTES_MAX + (1 << 20));
    private @Nullable HttpPullClient client;
    private @Nullable JqExpression cursor;
    private @Nullable String start;
    private String authName = "none";
    private Map<String, String> authOptions = Map.of();
    private @Nullable RequestAuth auth;
    private @Nullable HttpPullItems items;
    private Duration overlap = Duration.ofSeconds(10);
    private @Nullable HttpPullRun run;
    private @Nullable HttpPullReader reader;
    private HttpPullPace pace = paging.pace();
    private String firstLeftOut = "";

    /** @param url the address, with {@code {cursor}} and {@code {page}} */
    public HttpPullSource(String url) {
        this.url = url;
        new HttpPullTemplate(url, request); // refuses what is no address
    }

    // ---- Pages

    @Override
    public @Nullable String begin(@Nullable Cursor saved) throws PullException {
        closeReading();
        run = null;
        pace.begin();
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        PullCursor from = new PullCursor(saved == null ? start : saved.value(), now);
        cursorAhead(saved != null && from.isAhead(saved.value()) ? saved.value() : null);
        List<HttpPullPlace> places = items == null
                ? null
                : items.places(context(), item -> template().place(HttpPullValues.ofItem(item, now, time), 1, 0));
        HttpPullPlace first = places == null
                ? paging().begin(saved == null ? null : saved.value(), start, overlap, now)
                : places.isEmpty() ? null : places.get(0);
        if (first == null) {
            return null;
        }
        run = new HttpPullRun(from, first, places);
        return first.at().toString();
    }

    @Override
    public @Nullable Batch next(@Nullable String position, int recordsMax) throws Exception {
        HttpPullRun now = run;
        if (now == null) { // there was nothing to ask for
            return null;
        }
        return Objects.requireNonNull(reader, "not started").next(now, recordsMax, start);
    }

    @Override
    protected long batchBytesMax() {
        return HttpPullReading.PART_CHARS_MAX;
    }

    private HttpPullPaging paging() {
        return new HttpPullPaging(template(), paging, time);
    }

    private HttpPullTemplate template() {
        return Objects.requireNonNull(template, "not initialised");
    }

    @Override
    public void taken(Batch batch, boolean mayBeNew) {
        HttpPullRun now = run();
        String circle = Objects.requireNonNull(reader).taken(now, batch, mayBeNew);
        if (circle != null) {
            incomplete(circle + ": the run ends after " + now.pages() + " pages, at " + place());
        }
    }

    private void closeReading() {
        if (reader != null) {
            reader.close();
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
        closeReading();
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
        closeReading();
    }

    /** Ends a wait between requests, too. */
    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        super.prepareShutdown(suspendOnly, forced);
        pace.stop();
    }

    /** With an access token of its own, since there is no ledger that keeps it. */
    @Override
    public String tryOut() throws Exception {
        TokenClient trial = clientSetup.tokensForTrial(token, url);
        if (token.isSet() && trial == null) {
            return "not tried, since that could use up the refresh token";
        }
        doStop();
        open(trial);
        return super.tryOut();
    }

    // ---- Wiring

    @Override
    protected void doInit() {
        template = new HttpPullTemplate(url, request);
        pace = paging.pace();
        time = request.time();
        format.check(paging.bodyOption());
        paging.check();
        clientSetup.check();
        token.check();
        request.check(token.isSet(), authName);
        HttpPullCheck check = new HttpPullCheck(template, paging);
        check.cursor(cursor != null, items != null);
        check.window(cursor != null, start != null, overlap);
        if (!authName.equals("none")) {
            auth = RequestAuthRegistry.create(authName, SchemeOptions.of(authOptions));
        }
    }

    @Override
    protected void doStart() throws Exception {
        open(clientSetup.tokens(context(), token, url));
    }

    private CamelContext context() {
        return Objects.requireNonNull(getCamelContext(), "not started");
    }

    private void open(@Nullable TokenClient tokens) throws Exception {
        client = new HttpPullClient(context(), clientSetup, template(), request, format.accept(), auth, tokens);
        reader = new HttpPullReader(client, format, paging, paging(), pace, cursor);
    }

    @Override
    protected void doStop() {
        if (client != null) {
            client.close();
        }
    }

    public void setClient(HttpClientSetup client) {
        this.clientSetup = client;
    }

    public void setToken(TokenOptions token) {
        this.token = token;
    }

    public void setRequest(HttpPullRequestOptions request) {
        this.request = request;
    }

    public void setFormat(HttpPullFormat format) {
        this.format = format;
    }

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
        this.overlap = Duration.ofMillis(DurationText.millis(overlap.strip()));
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
