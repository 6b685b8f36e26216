package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.connector.http.HttpLinkHeader;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.text.DurationText;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How the pages of a source follow each other. */
public final class HttpPullPagingOptions {
    /** What is nothing anyway. */
    private static final Pattern DEFAULT = Pattern.compile("//\\s*(?:empty|null|false|\"\")\\s*$");

    private @Nullable JqExpression next;
    private @Nullable HttpPullPath nextPath;
    private @Nullable String nextHeader;
    private @Nullable JqExpression total;
    private @Nullable HttpPullPath totalPath;
    private LongConsumer totals = told -> {};
    private @Nullable Duration window;
    private Duration betweenRequests = Duration.ZERO;
    private Duration pageDelay = Duration.ZERO;
    private int startPage = 1;
    private int pageSize;
    private boolean sorted;
    private int maxPages = Integer.MAX_VALUE;

    @Nullable JqExpression next() {
        return next;
    }

    /** @param next jq: the next page's address or token in an answer, or whether there is one */
    public void setNext(@Nullable String next) {
        boolean isSet = next != null && !next.isBlank();
        this.next = isSet ? new JqExpression("next", String.valueOf(next)) : null;
        this.nextPath = isSet ? path(String.valueOf(next)) : null;
    }

    private static @Nullable HttpPullPath path(String expression) {
        return HttpPullPath.of(DEFAULT.matcher(expression).replaceFirst(""));
    }

    /**
     * Reads how many records there are.
     *
     * @param total jq: the number of records that all pages have together, as an answer gives it
     * @param each gets the number of each answer that has one, and records or is the first
     */
    public void setTotal(String total, LongConsumer each) {
        this.total = new JqExpression("total", total);
        this.totalPath = path(total);
        this.totals = each;
    }

    /** Passes on the number of records that an answer gives. */
    void readTotal(JsonNode answer) throws PullException {
        JsonNode found = total == null ? null : total.value(answer);
        if (found == null) {
            return;
        }
        try {
            totals.accept(new BigDecimal(found.asText()).longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            throw new PullException(
                    "total finds no number of records in the answer, but " + LogText.of(found.toString()));
        }
    }

    /** The option that looks for something beside the records in the body of an answer; null if none does. */
    @Nullable String bodyOption() {
        return next != null ? "next" : total != null ? "total" : null;
    }

    /** Where they look; null if an expression does more than name a place. */
    @Nullable List<HttpPullPath> bodyPaths() {
        if ((next != null && nextPath == null) || (total != null && totalPath == null)) {
            return null;
        }
        return Stream.concat(Stream.ofNullable(nextPath), Stream.ofNullable(totalPath))
                .toList();
    }

    /** @param nextHeader the header of an answer that has the next page's address or token */
    public void setNextHeader(@Nullable String nextHeader) {
        this.nextHeader = nextHeader == null || nextHeader.isBlank() ? null : nextHeader.strip();
    }

    /** Whether answers name the next page. */
    boolean isNamed() {
        return next != null || nextHeader != null;
    }

    /** Whether they do so by the header Link (RFC 8288). */
    boolean isLink() {
        return "link".equalsIgnoreCase(nextHeader);
    }

    /** The next page that the header names; null if there is none. */
    @Nullable JsonNode inHeader(HttpPullAnswer answer) {
        if (nextHeader == null) {
            return null;
        }
        String value = isLink()
                ? HttpLinkHeader.next(answer.headers(nextHeader))
                : String.valueOf(Objects.requireNonNullElse(answer.header(nextHeader), ""))
                        .strip();
        if (value == null || value.isEmpty() || value.equalsIgnoreCase("false")) {
            return null;
        }
        return value.equalsIgnoreCase("true") ? BooleanNode.TRUE : TextNode.valueOf(value);
    }

    /**
     * Refuses options that do not go together.
     *
     * @throws IllegalArgumentException with what to do
     */
    void check() {
        if (next != null && nextHeader != null) {
            throw new IllegalArgumentException("next and nextHeader both name the next page: set one of them");
        }
        if (nextHeader != null && !HttpText.isHeaderName(nextHeader)) {
            throw new IllegalArgumentException("nextHeader is not the name of a header, like Link or X-Next-Page");
        }
        if (maxPages < 1) {
            throw new IllegalArgumentException("maxPages must be at least 1, not " + maxPages);
        }
    }

    @Nullable Duration window() {
        return window;
    }

    /** @param window how long the time is that {@code {from}} and {@code {to}} stand for */
    public void setWindow(@Nullable String window) {
        this.window =
                window == null || window.isBlank() ? null : Duration.ofMillis(DurationText.millis(window.strip()));
        if (this.window != null && this.window.toSeconds() < 1) {
            throw new IllegalArgumentException("window must be at least 1s, like 1h");
        }
    }

    HttpPullPace pace() {
        return new HttpPullPace(betweenRequests, pageDelay);
    }

    /** @param rate how many requests a second may have, which may be less than one */
    public void setRate(@Nullable String rate) {
        if (rate == null || rate.isBlank()) {
            return;
        }
        try {
            BigDecimal perSecond = new BigDecimal(rate.strip());
            betweenRequests = Duration.ofNanos(BigDecimal.valueOf(1_000_000_000)
                    .divide(perSecond, 0, RoundingMode.UP)
                    .longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            betweenRequests = Duration.ZERO;
        }
        if (betweenRequests.isZero() || betweenRequests.isNegative()) {
            throw new IllegalArgumentException(
                    "rate must be a number of requests per second above zero, like 5 or 0.5, not " + LogText.of(rate));
        }
    }

    /** @param pageDelay from the end of an answer to the next request of the run */
    public void setPageDelay(@Nullable String pageDelay) {
        this.pageDelay = pageDelay == null || pageDelay.isBlank()
                ? Duration.ZERO
                : Duration.ofMillis(DurationText.millis(pageDelay.strip()));
    }

    int startPage() {
        return startPage;
    }

    /** @param startPage the number of the first page */
    public void setStartPage(int startPage) {
        this.startPage = startPage;
    }

    int pageSize() {
        return pageSize;
    }

    /** @param pageSize how many records a full page has; 0 if that is not known */
    public void setPageSize(int pageSize) {
        this.pageSize = pageSize;
    }

    boolean sorted() {
        return sorted;
    }

    /** @param sorted whether the source sorts by the cursor, oldest first, and filters by it */
    public void setSorted(boolean sorted) {
        this.sorted = sorted;
    }

    int maxPages() {
        return maxPages;
    }

    /** @param maxPages how many pages a run may read */
    public void setMaxPages(int maxPages) {
        this.maxPages = maxPages;
    }
}
