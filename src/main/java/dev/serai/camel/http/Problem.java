package dev.serai.camel.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a request, as RFC 9457 has it: {@code application/problem+json}.
 *
 * @param status the HTTP status, 400 to 599
 * @param title the same words for every problem of a kind
 * @param detail what is wrong with this request and what to do, in plain words
 * @param retryAfter when it is worth trying again, sent in seconds, rounded up; null says nothing
 * @param reason its class in one word, for programs, as the member {@code reason}; null if the status says enough
 */
public record Problem(
        int status,
        String title,
        String detail,
        @Nullable Duration retryAfter,
        @Nullable String reason) {

    private static final int DETAIL_CHARACTERS_MAX = 500;

    /** Cuts and cleans the detail, which may hold what the sender wrote. */
    public Problem {
        detail = plain(detail, DETAIL_CHARACTERS_MAX);
    }

    /** A problem under the status's usual title. */
    public static Problem of(int status, String detail) {
        return new Problem(status, HttpResponseStatus.valueOf(status).reasonPhrase(), detail, null, null);
    }

    /** A problem that passes: the sender is told when to try again. */
    public static Problem of(int status, String detail, Duration retryAfter) {
        return new Problem(status, HttpResponseStatus.valueOf(status).reasonPhrase(), detail, retryAfter, null);
    }

    /** A problem of a class within its status. */
    public static Problem of(int status, String detail, String reason) {
        return new Problem(status, HttpResponseStatus.valueOf(status).reasonPhrase(), detail, null, reason);
    }

    /** The answer to send. */
    public HttpAnswer answer() {
        JsonStringEncoder json = JsonStringEncoder.getInstance();
        StringBuilder text = new StringBuilder(160).append("{\"type\":\"about:blank\",\"title\":\"");
        json.quoteAsString(title, text);
        text.append("\",\"status\":").append(status).append(",\"detail\":\"");
        json.quoteAsString(detail, text);
        text.append('"');
        if (reason != null) {
            text.append(",\"reason\":\"");
            json.quoteAsString(reason, text);
            text.append('"');
        }
        text.append('}');
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/problem+json");
        if (retryAfter != null) {
            headers.put("Retry-After", Long.toString(wholeSeconds(retryAfter)));
        }
        return new HttpAnswer(status, headers, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The duration in seconds, rounded up. */
    public static long wholeSeconds(Duration duration) {
        return Math.max(1, duration.plusNanos(999_999_999).toSeconds());
    }

    /** The text without control characters, which could forge a log line or drive a terminal, cut to a length. */
    public static String plain(String text, int charactersMax) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), charactersMax));
        for (int i = 0; i < text.length(); i++) {
            if (clean.length() == charactersMax) {
                return clean.append('…').toString();
            }
            char c = text.charAt(i);
            boolean harmless = !Character.isISOControl(c)
                    && !Character.isSurrogate(c)
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.LINE_SEPARATOR
                    && Character.getType(c) != Character.PARAGRAPH_SEPARATOR;
            clean.append(harmless ? c : ' ');
        }
        return clean.toString();
    }
}
