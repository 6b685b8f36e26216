package dev.serai.camel;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.serai.ledger.Outcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.ValidationException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.util.URISupport;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Reads from a finished exchange what came of a delivery.
 *
 * <p>Permanent are 4xx answers except 408, 425 and 429, failed validation, unreadable data, and what a database says is
 * wrong with the row, or a Kafka broker with the record. A target that could not be connected to was not reached. Everything
 * else is worth another try.
 *
 * <p>Threads: safe.
 */
final class Outcomes {
    private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);
    private static final int BODY_CHARS_MAX = 200;

    private final InstantSource clock;

    Outcomes(InstantSource clock) {
        this.clock = clock;
    }

    Outcome of(Exchange exchange) {
        Exception failure = exchange.getException();
        if (failure != null) {
            return of(failure);
        }
        if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
            return new Outcome.Failed(null, "the route rolled the delivery back", null, false);
        }
        return new Outcome.Delivered(exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class));
    }

    Outcome of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Throwable hidden = SqlFailure.hiddenBy(cause);
            if (hidden != null) {
                return of(hidden);
            }
            Outcome known = ofKnown(cause);
            if (known != null) {
                return known;
            }
        }
        return new Outcome.Failed(null, text(failure), null, false);
    }

    private @Nullable Outcome ofKnown(Throwable cause) {
        if (cause instanceof NotSentException) {
            return new Outcome.Interrupted();
        }
        if (cause instanceof HttpOperationFailedException answer) {
            return ofAnswer(answer);
        }
        if (cause instanceof TcpSinkException answer) {
            return answer.isPermanent()
                    ? new Outcome.Refused(null, text(cause))
                    : new Outcome.Failed(null, text(cause), shortened(answer.retryAfter()), false);
        }
        Outcome sql = SqlFailure.outcome(cause);
        if (sql != null) {
            return sql;
        }
        if (cause instanceof ConnectException
                || cause instanceof UnknownHostException
                || cause instanceof NoRouteToHostException
                || cause instanceof ConnectTimeoutException
                || cause instanceof AccessTokenException
                || cause instanceof NonTransientDataAccessResourceException
                || cause instanceof CannotCreateTransactionException) {
            return new Outcome.Unreachable(text(cause));
        }
        if (cause instanceof KafkaException kafka) {
            return ofKafka(kafka);
        }
        if (cause instanceof UncategorizedDataAccessException) {
            return new Outcome.Failed(null, text(cause), null, false);
        }
        if (cause instanceof ValidationException
                || cause instanceof InvalidPayloadException
                || cause instanceof JsonProcessingException
                || cause instanceof NonTransientDataAccessException) {
            return new Outcome.Refused(null, text(cause));
        }
        if (isFromPool(cause)) {
            return new Outcome.Unreachable("no connection to the target: " + text(cause));
        }
        if (cause instanceof IOException
                || cause instanceof TimeoutException
                || cause instanceof ExchangeTimedOutException
                || cause instanceof TransientDataAccessException) {
            return new Outcome.Failed(null, text(cause), null, true);
        }
        return null;
    }

    /** The TCP sink's pool says so of a connection that was refused or closed at once, in an exception that anybody may throw. */
    private static boolean isFromPool(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return failure instanceof NoSuchElementException
                && trace.length > 0
                && trace[0].getClassName().startsWith("org.apache.commons.pool2.");
    }

    /**
     * What Kafka's own client has tried in vain until its time was up, or a login or a right that is refused, concerns all
     * changes alike; a record that is too large or malformed only itself.
     */
    private static @Nullable Outcome ofKafka(KafkaException failure) {
        if (failure instanceof RetriableException
                || failure instanceof AuthenticationException
                || failure instanceof AuthorizationException) {
            return new Outcome.Unreachable(text(failure));
        }
        if (failure instanceof RecordTooLargeException
                || failure instanceof RecordBatchTooLargeException
                || failure instanceof InvalidRecordException
                || failure instanceof SerializationException) {
            return new Outcome.Refused(null, text(failure));
        }
        return null;
    }

    private Outcome ofAnswer(HttpOperationFailedException answer) {
        int status = answer.getStatusCode();
        String error = ("HTTP " + status + " " + orEmpty(answer.getStatusText())).strip();
        String body = orEmpty(answer.getResponseBody()).strip();
        if (!body.isEmpty()) {
            error += ": " + (body.length() <= BODY_CHARS_MAX ? body : body.substring(0, BODY_CHARS_MAX) + "…");
        }
        if (status == 410) {
            return new Outcome.Gone(status, error);
        }
        if (isPermanent(status)) {
            return new Outcome.Refused(status, error);
        }
        boolean outage = status == 502 || status == 503 || status == 504;
        return new Outcome.Failed(status, error, retryAfter(answer.getResponseHeaders()), outage);
    }

    /** Whether an answer of this status says that the same request can never succeed. */
    static boolean isPermanent(int status) {
        boolean passing = status == 408 || status == 425 || status == 429;
        return status >= 400 && status < 500 && !passing;
    }

    /** The answer's Retry-After, as seconds or as a date (RFC 9110, 10.2.3), at most a day. */
    private @Nullable Duration retryAfter(@Nullable Map<String, String> headers) {
        if (headers == null) {
            return null;
        }
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (header.getKey().toLowerCase(Locale.ROOT).equals("retry-after")) {
                return parseRetryAfter(header.getValue().strip());
            }
        }
        return null;
    }

    private @Nullable Duration parseRetryAfter(String value) {
        Duration wait;
        try {
            if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                wait = Duration.ofSeconds(Long.parseLong(value));
            } else {
                Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                wait = Duration.between(clock.instant(), until);
            }
        } catch (NumberFormatException | DateTimeParseException e) {
            return null;
        }
        return wait.isNegative() ? Duration.ZERO : shortened(wait);
    }

    private static @Nullable Duration shortened(@Nullable Duration wait) {
        return wait != null && wait.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : wait;
    }

    /** What went wrong, in one line, without the query strings of addresses, which may hold secrets. */
    private static String text(Throwable failure) {
        // Spring's own words hide the database's: "bad SQL grammar []".
        String message = failure instanceof NestedRuntimeException spring
                ? spring.getMostSpecificCause().getMessage()
                : failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        String line = message.replaceAll("\\s+", " ").strip();
        if (failure instanceof CamelExchangeException) { // it ends with an id that is in no log
            line = line.replaceFirst("\\.? Exchange\\[[^\\]]*\\]$", "");
        }
        return URISupport.sanitizeUri(line.replaceAll("\\?\\S*", "?…"));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
