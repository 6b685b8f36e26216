package dev.serai.connector.http.pull;

import dev.serai.connector.pull.JqExpression;
import org.jspecify.annotations.Nullable;

/** How the pages of a source follow each other. */
public final class HttpPullPagingOptions {
    private @Nullable JqExpression next;
    private int startPage = 1;
    private int pageSize;
    private boolean sorted;
    private int maxPages = Integer.MAX_VALUE;

    @Nullable JqExpression next() {
        return next;
    }

    /** @param next jq: the next page's address or token in an answer, or whether there is one */
    public void setNext(@Nullable String next) {
        this.next = next == null || next.isBlank() ? null : new JqExpression("next", next);
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
