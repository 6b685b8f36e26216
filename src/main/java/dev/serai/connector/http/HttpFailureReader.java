package dev.serai.connector.http;

import dev.serai.camel.egress.EgressException;
import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.camel.ledger.FailureReader;
import dev.serai.camel.ledger.FailureText;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.connector.http.answer.HttpSinkAnswerException;
import dev.serai.connector.http.answer.HttpSinkRules;
import dev.serai.connector.http.token.AccessTokenException;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RetryAfter;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
    /** Its gateways, and the credentials that all requests share. */
    private static final Set<Integer> OF_THE_TARGET = Set.of(401, 407, 502, 503, 504);
    /** Seconds until then, or seconds since 1970: GitHub and others, the draft of the IETF, Feishu. */
    private static final List<String> RESETS = List.of("x-ratelimit-reset", "ratelimit-reset", "x-ogw-ratelimit-reset");
    /** A smaller number is a wait. */
    private static final double EPOCH_SECONDS_MIN = 1e9;
    /** What httpcore says of a request after this node has closed the client. */
    private static final String CLOSED = "Connection pool shut down";

    @Override
    public @Nullable Outcome read(Throwable failure, Instant now) {
        if (failure instanceof HttpOperationFailedException answer) {
            return ofAnswer(answer, now);
        }
        if (failure instanceof EgressException) {
            return new Outcome.Refused(null, String.valueOf(failure.getMessage()), false);
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
            String shown = body.length() <= BODY_CHARS_MAX ? body : body.substring(0, BODY_CHARS_MAX) + "…";
            error += ": " + SecretNames.withoutUrlSecrets(shown);
        }
        Map<String, String> headers = answer.getResponseHeaders();
        HttpSinkAnswerException own = answer instanceof HttpSinkAnswerException sinks ? sinks : null;
        HttpSinkRules.Judgement judgement = own == null ? null : own.judgement();
        RetryAfter asked = asked(status, headers, judgement == HttpSinkRules.Judgement.RETRY, now);
        if (judgement != null) {
            return judgement == HttpSinkRules.Judgement.DEAD
                    ? new Outcome.Refused(status, error, false)
                    : new Outcome.Failed(
                            status,
                            error + asked.note(),
                            asked.delay(),
                            judgement == HttpSinkRules.Judgement.EXPIRED
                                    || judgement == HttpSinkRules.Judgement.OUTAGE);
        }
        boolean isOfRecord = own != null && own.isOfRecord() && (status == 404 || status == 410);
        if (status == 410 && !isOfRecord) {
            return new Outcome.Gone(status, error);
        }
        if (OutcomeReader.isPermanent(status) && asked.delay() == null && !OF_THE_TARGET.contains(status)) {
            return isOfRecord ? new Outcome.Refused(status, error, false) : new Outcome.Refused(status, error);
        }
        boolean outage = OF_THE_TARGET.contains(status);
        String redirect = answer.getRedirectLocation() == null
                ? ""
                : "; it leads to " + SecretNames.withoutUrlSecrets(answer.getRedirectLocation())
                        + ", and is not followed: set url to that address";
        return new Outcome.Failed(status, error + redirect + asked.note(), asked.delay(), outage);
    }

    /**
     * By {@code Retry-After}; where requests are counted, else by the time at which the count begins anew.
     *
     * @param isLimit whether the answer says in its body that it passes, as Feishu does with 400 for a limit on requests
     */
    private static RetryAfter asked(int status, @Nullable Map<String, String> headers, boolean isLimit, Instant now) {
        RetryAfter asked = RetryAfter.of(header(headers, "retry-after"), header(headers, "date"), now);
        boolean isSpent =
                isLimit || status == 429 || (status == 403 && "0".equals(header(headers, "x-ratelimit-remaining")));
        if (asked.delay() != null || !isSpent) {
            return asked;
        }
        for (String name : RESETS) {
            String reset = header(headers, name);
            if (reset != null && reset.strip().matches("\\d{1,12}(\\.\\d{1,9})?")) {
                double seconds = Double.parseDouble(reset.strip());
                return RetryAfter.ofSeconds(seconds < EPOCH_SECONDS_MIN ? seconds : seconds - now.getEpochSecond());
            }
        }
        return asked;
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
