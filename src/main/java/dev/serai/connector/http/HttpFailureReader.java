package dev.serai.connector.http;

import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.camel.ledger.FailureReader;
import dev.serai.camel.ledger.FailureText;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RetryAfter;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of HTTP targets and the failures of HTTP clients.
 *
 * <p>Threads: safe.
 */
public final class HttpFailureReader implements FailureReader {
    private static final int BODY_CHARS_MAX = 200;
    /** What httpcore says of a request after this node has closed the client. */
    private static final String CLOSED = "Connection pool shut down";

    @Override
    public @Nullable Outcome read(Throwable failure, Instant now) {
        if (failure instanceof HttpOperationFailedException answer) {
            return ofAnswer(answer, now);
        }
        boolean closed = failure instanceof IllegalStateException && CLOSED.equals(failure.getMessage());
        if (closed || failure.getCause() instanceof InterruptedException) {
            return new Outcome.Interrupted();
        }
        if (failure instanceof ConnectTimeoutException || failure instanceof AccessTokenException) {
            return new Outcome.Unreachable(FailureText.of(failure));
        }
        String limit = failure instanceof IOException ? LimitedConnectionFactory.reason(failure) : null;
        return limit == null ? null : new Outcome.Failed(null, limit, null, true);
    }

    private static Outcome ofAnswer(HttpOperationFailedException answer, Instant now) {
        int status = answer.getStatusCode();
        String error = ("HTTP " + status + " " + orEmpty(answer.getStatusText())).strip();
        String body = orEmpty(answer.getResponseBody()).strip();
        if (!body.isEmpty()) {
            error += ": " + (body.length() <= BODY_CHARS_MAX ? body : body.substring(0, BODY_CHARS_MAX) + "…");
        }
        if (status == 410) {
            return new Outcome.Gone(status, error);
        }
        if (OutcomeReader.isPermanent(status)) {
            return new Outcome.Refused(status, error);
        }
        boolean outage = status == 502 || status == 503 || status == 504;
        Map<String, String> headers = answer.getResponseHeaders();
        RetryAfter asked = RetryAfter.of(header(headers, "retry-after"), header(headers, "date"), now);
        return new Outcome.Failed(status, error + asked.note(), asked.delay(), outage);
    }

    private static @Nullable String header(@Nullable Map<String, String> headers, String name) {
        if (headers == null) {
            return null;
        }
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (header.getKey().toLowerCase(Locale.ROOT).equals(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
