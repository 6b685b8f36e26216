package dev.serai.connector.http.pull;

import dev.serai.connector.pull.JqExpression;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How the pages of a source follow each other. */
public final class HttpPullPagingOptions {
    /** What is nothing anyway. */
    private static final Pattern DEFAULT = Pattern.compile("//\\s*(?:empty|null|false|\"\")\\s*$");

    private @Nullable JqExpression next;
    private @Nullable HttpPullPath nextPath;
    private int startPage = 1;
    private int pageSize;
    private boolean sorted;
    private int maxPages = Integer.MAX_VALUE;

    @Nullable JqExpression next() {
        return next;
    }

    /** Where {@link #next} is in an answer; null if the expression does more than name a place. */
    @Nullable HttpPullPath nextPath() {
        return nextPath;
    }

    /** @param next jq: the next page's address or token in an answer, or whether there is one */
    public void setNext(@Nullable String next) {
        boolean isSet = next != null && !next.isBlank();
        this.next = isSet ? new JqExpression("next", String.valueOf(next)) : null;
        this.nextPath =
                isSet ? HttpPullPath.of(DEFAULT.matcher(String.valueOf(next)).replaceFirst("")) : null;
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
