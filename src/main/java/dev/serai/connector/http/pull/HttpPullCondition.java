package dev.serai.connector.http.pull;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/**
 * Lets a source say that it has not changed since the last run (RFC 9110, section 13). That holds for a run of one page only:
 * if there are more, a first page that is the same says nothing about the others.
 *
 * <p>Threads: one thread.
 */
final class HttpPullCondition {
    /** A page that changes twice within a second may have the same date; RFC 9110, 8.8.2.2, and more. */
    private static final Duration AGE_MIN = Duration.ofMinutes(1);

    private @Nullable HttpPullPlace place;
    private Map<String, String> headers = Map.of();

    /** The headers to add to the first request of a run; none if the answer is not known. */
    Map<String, String> headers(HttpPullPlace of) {
        boolean isSame = of.isSameRequest(place) && place != null && Objects.equals(of.asked(), place.asked());
        return isSame ? headers : Map.of();
    }

    /** All of a run is accepted, and this is its only answer. */
    void remember(HttpPullPlace of, HttpPullAnswer answer) {
        place = of;
        String tag = answer.header("ETag");
        String modified = answer.header("Last-Modified");
        if (tag != null) {
            headers = Map.of("If-None-Match", tag);
        } else if (modified != null && isOld(modified, answer.header("Date"))) {
            headers = Map.of("If-Modified-Since", modified);
        } else {
            headers = Map.of();
        }
    }

    private static boolean isOld(String modified, @Nullable String sent) {
        Instant from = DateUtils.parseStandardDate(modified);
        Instant to = sent == null ? null : DateUtils.parseStandardDate(sent);
        return from != null && to != null && !to.isBefore(from.plus(AGE_MIN));
    }

    void forget() {
        place = null;
        headers = Map.of();
    }
}
