package dev.serai.connector.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.http.MessageHeaders;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullFailures;
import dev.serai.connector.pull.PullName;
import dev.serai.connector.pull.PullPause;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.RequestAuthRegistry;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.text.LogText;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.http.HttpMethods;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the Kamelet {@code http-pull-source}: {@code process} begins a run; for each page come {@code request}, the
 * HTTP call, {@code read}, the user's route and {@code accepted}; whatever fails goes to {@code failed}.
 *
 * <p>Promise: the cursor never passes a record that the user's route has not taken.
 *
 * <p>Threads: one run at a time, which the schedule sees to; stopping comes from any thread.
 */
public final class HttpPullSource extends ServiceSupport implements Processor, ShutdownPrepared {
    /** Exchange property: whether the run has another page to ask for. */
    public static final String MORE = "SeraiPullMore";

    private static final Logger LOG = LoggerFactory.getLogger(HttpPullSource.class);
    private static final String RUN = "SeraiPullRun";
    private static final Duration SAVE_TIMEOUT = Duration.ofSeconds(10);
    /** One broken item must not hold up the others for ever. */
    private static final int ITEM_TRIES_MAX = 5;

    /** As many in a row are no trouble of theirs. */
    private static final int LEFT_OUT_MAX = 10;

    private static final int NOT_FOUND = 404;

    private final PullFailures failures = new PullFailures();
    private final PullPause pause = new PullPause();
    private final HttpPullAddress address;
    private @Nullable JqExpression records;
    private @Nullable JqExpression next;
    private @Nullable JqExpression cursor;
    private @Nullable String name;
    private @Nullable String start;
    private @Nullable String bearerToken;
    private String authName = "none";
    private Map<String, String> authOptions = Map.of();
    private @Nullable RequestAuth auth;
    private @Nullable HttpPullItems items;
    private int pageSize;
    private int startPage = 1;

    /** @param url the address, with {@code {cursor}} and {@code {page}} */
    public HttpPullSource(String url) {
        this.address = new HttpPullAddress(url);
    }

    /** Begins a run. */
    @Override
    public void process(Exchange exchange) {
        exchange.setProperty(MORE, false);
        String cursorName = name(exchange);
        if (items != null) {
            beginItems(exchange, items, cursorName);
            return;
        }
        try {
            String saved =
                    ledger(exchange).cursor(cursorName).map(Cursor::value).orElse(start);
            URI first = address.fill(saved, String.valueOf(startPage));
            exchange.setProperty(RUN, new HttpPullRun(cursorName, saved, first, pause.stops()));
            exchange.setProperty(MORE, true);
        } catch (RuntimeException e) {
            LOG.warn("Pull {}: the ledger does not tell the cursor: {}", LogText.of(cursorName), failures.reason(e));
        }
    }

    private void beginItems(Exchange exchange, HttpPullItems items, String name) {
        try {
            Iterator<URI> addresses = items.list(exchange.getContext()).stream()
                    .map(address::fill)
                    .iterator();
            if (addresses.hasNext()) {
                exchange.setProperty(RUN, HttpPullRun.over(addresses, name, pause.stops()));
                exchange.setProperty(MORE, true);
            }
        } catch (PullException e) {
            LOG.warn("Pull {}: {}", LogText.of(name), e.getMessage());
        }
    }

    /** Makes the message the request for the run's page, after the wait that a failure asked for. */
    public void request(Exchange exchange) throws PullException, InterruptedException {
        HttpPullRun run = run(exchange);
        if (!pause.await(run.stops(), run.waitMillis())) {
            throw new PullException("stopped");
        }
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setBody(null);
        message.setHeader(Exchange.HTTP_METHOD, HttpMethods.GET);
        message.setHeader("Accept", "application/json");
        if (bearerToken != null) {
            message.setHeader("Authorization", "Bearer " + bearerToken);
        }
        URI uri = run.at();
        if (auth != null) {
            RequestAuth.Signed signed = auth.sign(uri, Instant.now());
            uri = signed.address();
            signed.headers().forEach(message::setHeader);
        }
        message.setHeader(Exchange.HTTP_URI, uri.toString());
    }

    /** Makes the answer the page's list of records, with the cursor that is safe once they are accepted. */
    public void read(Exchange exchange) throws Exception {
        HttpPullRun run = run(exchange);
        Message message = exchange.getMessage();
        byte[] body = message.getMandatoryBody(byte[].class);
        if (auth != null) {
            Refusal refused = auth.refuse(body, new MessageHeaders(message), Instant.now());
            if (refused != null) {
                throw new PullException("the answer is not believed: " + refused.detail());
            }
        }
        JsonNode answer = JqExpression.json(body);
        List<JsonNode> page = Objects.requireNonNull(records).list(answer);
        if (next == null && !run.hasItems() && run.repeats(page)) {
            throw new PullException("page after page has the same records: check {page} in the address");
        }
        PullCursor seen = new PullCursor(run.cursor());
        if (cursor != null) {
            see(page, cursor, seen);
        }
        run.read(new HttpPullRun.Page(page, seen, nextPage(run, answer, page.size())));

        message.removeHeaders("*");
        message.setBody(page);
        String safe = seen.toSave();
        if (seen.isSorted() && safe != null) {
            message.setHeader(LedgerConstants.CURSOR_NAME, run.name());
            message.setHeader(LedgerConstants.CURSOR, safe);
        }
    }

    private static void see(List<JsonNode> page, JqExpression cursor, PullCursor seen) throws PullException {
        for (JsonNode one : page) {
            JsonNode value = cursor.value(one);
            if (value != null) {
                seen.see(value.asText());
            }
        }
        if (!page.isEmpty() && !seen.hasSeen()) {
            throw new PullException("no record of the page has a cursor: check the expression");
        }
    }

    private @Nullable URI nextPage(HttpPullRun run, JsonNode answer, int size) throws PullException {
        if (run.hasItems()) {
            return run.nextItem();
        }
        if (next == null) {
            boolean more = address.hasPage() && size > 0 && size >= pageSize;
            return more ? numbered(run) : null;
        }
        JsonNode value = next.value(answer);
        if (value == null) {
            return null;
        }
        try {
            URI page = value.isBoolean() ? numbered(run) : address.next(value, run.at(), run.saved());
            if (!run.comesBackTo(page)) {
                return page;
            }
        } catch (IllegalArgumentException e) {
            throw new PullException("the next page cannot be asked for: " + LogText.of(e.getMessage()));
        }
        throw new PullException("the next page is one that was read before, so the pages go round in a circle");
    }

    private URI numbered(HttpPullRun run) {
        return address.fill(run.saved(), String.valueOf(startPage + run.pages() + 1));
    }

    /** The user's route has taken the page. */
    public void accepted(Exchange exchange) {
        HttpPullRun run = run(exchange);
        boolean more = run.accepted(Objects.requireNonNull(run.read()));
        if (!more) {
            save(exchange, run);
            end(exchange, run);
        }
    }

    /** At the end of a run all its records are taken, in whatever order they came. */
    private void save(Exchange exchange, HttpPullRun run) {
        String value = run.cursor().toSave();
        if (value == null || value.equals(start)) {
            return;
        }
        try {
            Ledger ledger = ledger(exchange);
            if (ledger.cursor(run.name())
                    .map(Cursor::value)
                    .filter(value::equals)
                    .isEmpty()) {
                ledger.saveCursor(new Cursor(run.name(), value, Instant.now()))
                        .get(SAVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.warn(
                    "Pull {}: the cursor is not saved, so the next run reads again: {}",
                    LogText.of(run.name()),
                    failures.reason(e));
        }
    }

    /** Waits and asks for the page again if that may help, else ends the run. */
    public void failed(Exchange exchange) {
        HttpPullRun run = run(exchange);
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (isStopping(run) || failure instanceof InterruptedException) {
            end(exchange, run);
            return;
        }
        boolean taken = run.read() != null;
        Long wait = failure == null
                ? null
                : taken
                        ? failures.waitForLedger(failure, run.failures())
                        : failures.waitForSource(failure, run.failures());
        String where = HttpPullAddress.withoutQuery(run.at());
        if (run.hasItems() && (wait == null || (!taken && run.failures() + 1 >= ITEM_TRIES_MAX))) {
            leaveOut(exchange, run, failure);
        } else if (wait == null) {
            LOG.warn("Pull {}: the run ends at {}: {}", LogText.of(run.name()), where, failures.reason(failure));
            end(exchange, run);
        } else {
            LOG.warn(
                    "Pull {}: asks {} again in {} ms: {}",
                    LogText.of(run.name()),
                    where,
                    wait,
                    failures.reason(failure));
            run.failed(wait);
        }
    }

    /** Goes on to the next item. One that the source does not have is no failure. */
    private void leaveOut(Exchange exchange, HttpPullRun run, @Nullable Throwable failure) {
        if (failure instanceof HttpOperationFailedException http && http.getStatusCode() == NOT_FOUND) {
            if (!run.accepted(new HttpPullRun.Page(List.of(), run.cursor(), run.nextItem()))) {
                end(exchange, run);
            }
            return;
        }
        if (run.leftOut() == 0) {
            LOG.warn(
                    "Pull {}: an item is left out of this run, at {}: {}",
                    LogText.of(run.name()),
                    HttpPullAddress.withoutQuery(run.at()),
                    failures.reason(failure));
        }
        boolean more = run.leaveOut();
        if (run.leftOutInARow() >= LEFT_OUT_MAX && more) {
            LOG.warn(
                    "Pull {}: the run ends, since {} items in a row have failed, the last with: {}",
                    LogText.of(run.name()),
                    LEFT_OUT_MAX,
                    failures.reason(failure));
            more = false;
        }
        if (!more) {
            end(exchange, run);
        }
    }

    private static void end(Exchange exchange, HttpPullRun run) {
        exchange.setProperty(MORE, false);
        if (run.leftOut() > 1) {
            LOG.warn("Pull {}: {} items were left out of this run", LogText.of(run.name()), run.leftOut());
        }
    }

    // ---- Stopping

    /** Wakes a run that waits, and lets it end. */
    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        pause.stop();
    }

    private boolean isStopping(HttpPullRun run) {
        return pause.stops() != run.stops();
    }

    // ---- Wiring

    private static HttpPullRun run(Exchange exchange) {
        return Objects.requireNonNull(exchange.getProperty(RUN, HttpPullRun.class), "no run has begun");
    }

    private static Ledger ledger(Exchange exchange) {
        return exchange.getContext()
                .getComponent("ledger", LedgerComponent.class)
                .ledger();
    }

    /** The cursor's name: what was set, else the id of the route that uses the Kamelet. */
    private String name(Exchange exchange) {
        if (name == null) {
            name = PullName.of(exchange);
        }
        return name;
    }

    @Override
    protected void doInit() {
        if (records == null) {
            throw new IllegalArgumentException("records is missing: the jq expression of the list of records");
        }
        if (pageSize < 0) {
            throw new IllegalArgumentException("pageSize must not be negative");
        }
        if (!authName.equals("none")) {
            Map<String, String> given = new HashMap<>(authOptions);
            given.values().removeIf(Objects::isNull);
            auth = RequestAuthRegistry.create(authName, SchemeOptions.of(given));
        }
        if (address.hasItem() != (items != null)) {
            throw new IllegalArgumentException("items and {item} in url belong together: set both");
        }
        if (items != null && (next != null || cursor != null || address.hasPage() || address.hasCursor())) {
            throw new IllegalArgumentException(
                    "items cannot be set together with next, cursor, {page} or {cursor}: each item is one page");
        }
    }

    /** @param records jq: the list of records in an answer */
    public void setRecords(String records) {
        this.records = new JqExpression("records", records);
    }

    /** @param next jq: the next page's address or token in an answer, or whether there is one */
    public void setNext(@Nullable String next) {
        this.next = isBlank(next) ? null : new JqExpression("next", String.valueOf(next));
    }

    /** @param cursor jq: a record's value of what the source sorts and filters by */
    public void setCursor(@Nullable String cursor) {
        this.cursor = isBlank(cursor) ? null : new JqExpression("cursor", String.valueOf(cursor));
    }

    /** @param name the name to keep the cursor under */
    public void setName(@Nullable String name) {
        this.name = isBlank(name) ? null : name;
    }

    /** @param start what stands for the cursor before there is one */
    public void setStart(@Nullable String start) {
        this.start = isBlank(start) ? null : start;
    }

    public void setBearerToken(@Nullable String bearerToken) {
        this.bearerToken = isBlank(bearerToken) ? null : bearerToken;
    }

    /** @param items the URI of an endpoint that lists what {@code {item}} stands for */
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
