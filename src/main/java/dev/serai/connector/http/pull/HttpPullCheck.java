package dev.serai.connector.http.pull;

import java.time.Duration;
import java.util.List;

/** Refuses options of {@code http-pull-source} that do not go together, with what to do. */
final class HttpPullCheck {
    private final HttpPullTemplate template;
    private final HttpPullPagingOptions paging;

    HttpPullCheck(HttpPullTemplate template, HttpPullPagingOptions paging) {
        this.template = template;
        this.paging = paging;
    }

    /**
     * @param hasCursor whether the place of a record's cursor is set
     * @param hasItems whether the things to ask about are listed
     */
    void cursor(boolean hasCursor, boolean hasItems) {
        if (paging.sorted() && !hasCursor) {
            throw new IllegalArgumentException("sorted needs cursor: the value that the source sorts by");
        }
        if (template.has("item") != hasItems) {
            throw new IllegalArgumentException("items and {item} in url belong together: set both");
        }
        boolean hasPages = paging.isNamed()
                || hasCursor
                || template.isNumbered()
                || template.has("cursor")
                || paging.window() != null;
        if (hasItems && hasPages) {
            throw new IllegalArgumentException(
                    "items cannot be set together with next, nextHeader, cursor, window, {page},"
                            + " {offset} or {cursor}: each item is one page");
        }
    }

    /** @param hasStart whether it is known where a first run begins */
    void window(boolean hasCursor, boolean hasStart, Duration overlap) {
        Duration window = paging.window();
        boolean hasBoth = template.has("from") && template.has("to");
        boolean hasAny = template.has("from") || template.has("to");
        if (window == null) {
            if (hasAny) {
                throw new IllegalArgumentException(
                        "{from} and {to} need window: how long the time between them is, like 1h");
            }
            return;
        }
        if (!hasBoth) {
            throw new IllegalArgumentException("window needs {from} and {to} in url or body");
        }
        if (hasCursor || template.has("cursor") || paging.sorted()) {
            throw new IllegalArgumentException(
                    "window cannot be set together with cursor, {cursor} or sorted: the end of the"
                            + " newest window is the cursor");
        }
        if (!hasStart) {
            throw new IllegalArgumentException(
                    "window needs start: the time from which on to read, like 2026-01-31T00:00:00Z");
        }
        if (window.compareTo(overlap) <= 0) {
            throw new IllegalArgumentException(
                    "window must be longer than overlap, by which each window begins earlier: "
                            + List.of(window, overlap));
        }
    }
}
