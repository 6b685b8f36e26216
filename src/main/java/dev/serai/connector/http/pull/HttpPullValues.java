package dev.serai.connector.http.pull;

import dev.serai.connector.pull.PullTime;
import dev.serai.connector.pull.PullWindow;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the placeholders of a request stand for.
 *
 * @param cursor where the pages begin, as it is saved; null if nothing is
 * @param cursorText the same as the source wants it
 * @param page the page's number or token
 * @param offset how many records were read on the pages before
 * @param window of time; null if the source is not read by windows
 * @param now when the run began
 * @param item what is asked for; empty if the pages are not items
 */
record HttpPullValues(
        @Nullable String cursor,
        String cursorText,
        String page,
        long offset,
        @Nullable PullWindow window,
        Instant now,
        String item,
        PullTime time) {

    static HttpPullValues ofItem(String item, Instant now, PullTime time) {
        return new HttpPullValues(null, "", "", 0, null, now, item, time);
    }

    HttpPullValues withPage(String other) {
        return new HttpPullValues(cursor, cursorText, other, offset, window, now, item, time);
    }

    /** Behind so many more records. */
    HttpPullValues behind(long records) {
        return new HttpPullValues(cursor, cursorText, page, offset + records, window, now, item, time);
    }

    /** By the names of the placeholders. */
    Map<String, String> texts() {
        Map<String, String> texts = new HashMap<>(Map.of(
                "cursor",
                cursorText,
                "page",
                page,
                "offset",
                String.valueOf(offset),
                "item",
                item,
                "now",
                time.text(now)));
        if (window != null) {
            texts.put("from", time.from(window));
            texts.put("to", time.to(window));
        }
        return texts;
    }
}
