package dev.serai.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.text.LogText;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request that failed: {@code application/problem+json}, as in RFC 9457.
 *
 * @param status the HTTP status, 400 to 599
 * @param detail what is wrong with this request and what to do
 * @param retryAfter when to try again, sent in seconds, rounded up; null if unknown
 * @param reason the kind of problem in one word, as the member {@code reason}; null if the status says enough
 */
public record Problem(
        int status,
        String detail,
        @Nullable Duration retryAfter,
        @Nullable String reason) {

    private static final int DETAIL_CHARACTERS_MAX = 500;

    /** Truncates and escapes the detail, which may contain the sender's input. */
    public Problem {
        detail = LogText.line(detail, DETAIL_CHARACTERS_MAX);
    }

    /** A problem that its status says enough of. */
    public static Problem of(int status, String detail) {
        return new Problem(status, detail, null, null);
    }

    /** A problem that passes; the sender learns when to try again. */
    public static Problem of(int status, String detail, Duration retryAfter) {
        return new Problem(status, detail, retryAfter, null);
    }

    /** A problem of one kind within its status. */
    public static Problem of(int status, String detail, String reason) {
        return new Problem(status, detail, null, reason);
    }

    /** The answer to send. */
    public HttpAnswer answer() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/problem+json");
        if (retryAfter != null) {
            headers.put("Retry-After", Long.toString(wholeSeconds(retryAfter)));
        }
        return new HttpAnswer(status, headers, json());
    }

    private byte[] json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("type", "about:blank")
                .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                .put("status", status)
                .put("detail", detail);
        if (reason != null) {
            json.put("reason", reason);
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The duration in seconds, rounded up. */
    public static long wholeSeconds(Duration duration) {
        return Math.max(1, duration.plusNanos(999_999_999).toSeconds());
    }
}
