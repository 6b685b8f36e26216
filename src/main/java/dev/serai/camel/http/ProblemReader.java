package dev.serai.camel.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ValidationMessage;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.camel.ledger.UndeliveredException;
import dev.serai.http.Problem;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.text.JsonText;
import dev.serai.text.LogText;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.TypeConversionException;
import org.apache.camel.ValidationException;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.apache.camel.component.jsonvalidator.NoJsonBodyValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the answer to a failed exchange: 4xx and 503 if the cause is known and the sender can act on it, else 500 with
 * an id that is in the log.
 *
 * <p>Threads: safe.
 */
public final class ProblemReader {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemReader.class);

    /** Exceptions can name themselves as their cause. */
    private static final int CAUSES_MAX = 16;

    private static final int REASONS_MAX = 10;

    private static final String FAULT = "SeraiRouteFault";

    private static final String OPENED = "SeraiOpenedContent";

    private static final Duration STOPPING = Duration.ofSeconds(5);

    private static final Duration UNWRITABLE = Duration.ofSeconds(5);

    private static final Duration AWAY = Duration.ofSeconds(5);

    private final RouteFault faults = new RouteFault();
    private final OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

    /**
     * The answer to a failure of a route. What its steps fail with is the route's fault, unless the body is not what the sender
     * says that it is. While one of them cannot reach the system that it sends to the answer is 503, otherwise 500.
     *
     * @param received the body as it came
     */
    public Problem of(Throwable failure, Exchange exchange, byte[] received) {
        byte[] opened = exchange.getProperty(OPENED, byte[].class);
        Problem known = known(failure, opened == null ? received : opened);
        if (known != null) {
            LOG.debug("Request {} was answered {}", exchange.getExchangeId(), known.status(), failure);
            return known;
        }
        Problem problem = outcomes.of(failure) instanceof Outcome.Unreachable
                ? Problem.of(503, "A system that this flow needs cannot be reached. Send it again later.", AWAY)
                : broken(exchange.getExchangeId());
        exchange.setProperty(FAULT, faults.tell(exchange, failure, exchange.getExchangeId(), problem.status()));
        return problem;
    }

    /** The same for a failure whose cause the sender can act on; null for any other. */
    public @Nullable Problem known(Throwable failure, byte[] received) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
            Problem known = unreadable(cause) && JsonText.isJson(received) ? null : known(cause);
            if (known != null) {
                return known;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /** What the sender had put into the body as it came, for example encrypted, is the body now. */
    public static void opened(Exchange exchange, byte[] content) {
        exchange.setProperty(OPENED, content);
    }

    /** Which step of the route failed, and why; null if that is not what {@link #of} has found. */
    public static @Nullable String fault(Exchange exchange) {
        return exchange.getProperty(FAULT, String.class);
    }

    /**
     * The answer to a failure outside a route.
     *
     * @param errorId shown to the sender and written to the log
     */
    public Problem of(Throwable failure, String errorId) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
            Problem known = known(cause);
            if (known != null) {
                LOG.debug("Request {} was answered {}", errorId, known.status(), failure);
                return known;
            }
            cause = cause.getCause();
        }
        LOG.error("Request {} failed", errorId, failure);
        return broken(errorId);
    }

    private static Problem broken(String errorId) {
        return Problem.of(500, "An error in this server. Send it again later, or ask about error " + errorId + ".");
    }

    /** Why the exchange failed, or null if it did not. */
    public static @Nullable Throwable failure(Exchange exchange) {
        if (exchange.getException() != null) {
            return exchange.getException();
        }
        if (!exchange.isRollbackOnly()) {
            return null;
        }
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        return caught != null ? caught : new RollbackExchangeException(exchange);
    }

    private @Nullable Problem known(Throwable cause) {
        if (cause instanceof HttpProblem known) {
            return known.problem();
        }
        if (cause instanceof LedgerException refusal) {
            return ledger(refusal);
        }
        if (cause instanceof UndeliveredException) {
            return Problem.of(502, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof JsonValidationException invalid && invalid.getNumberOfErrors() > 0) {
            return Problem.of(422, "The body does not fit this flow's JSON schema: " + reasons(invalid.getErrors()));
        }
        if (unreadable(cause)) {
            return Problem.of(
                    400, "The body cannot be read as the JSON this flow expects. Correct it and send it again.");
        }
        if (cause instanceof ValidationException && cause.getCause() == null) {
            // Its text may quote the rule, and a rule may contain a secret.
            return Problem.of(422, "The content does not meet this flow's rules. Correct it and send it again.");
        }
        if (cause instanceof RejectedExecutionException) {
            return Problem.of(503, "This server is stopping. Send it again in a moment.", STOPPING);
        }
        return null;
    }

    private Problem ledger(LedgerException refusal) {
        String reason = refusal.getMessage() == null ? "" : refusal.getMessage();
        if (refusal instanceof LedgerException.Conflict) {
            return Problem.of(409, reason);
        }
        if (refusal instanceof LedgerException.Overloaded overloaded) {
            return Problem.of(503, reason, overloaded.retryAfter());
        }
        if (refusal instanceof LedgerException.Unavailable) {
            // Not logged for each request: the ledger's writer logs the reason, and the log must not fill the disk.
            return Problem.of(
                    refusal.getCause() instanceof StoreAwayException ? 503 : 507,
                    "The ledger cannot be written at the moment, so it is unknown whether this was stored."
                            + " Send it again later under the same id; it will count once.",
                    UNWRITABLE);
        }
        return Problem.of(422, reason);
    }

    private boolean unreadable(Throwable cause) {
        return cause instanceof JsonProcessingException
                || cause instanceof NoJsonBodyValidationException
                || (cause instanceof InvalidPayloadException payload && json(payload.getType()))
                || (cause instanceof TypeConversionException conversion && json(conversion.getToType()));
    }

    private boolean json(@Nullable Class<?> type) {
        return type != null && JsonNode.class.isAssignableFrom(type);
    }

    private String reasons(Set<ValidationMessage> errors) {
        String listed = errors.stream()
                .limit(REASONS_MAX)
                .map(error -> LogText.line(error.getMessage(), 120))
                .collect(Collectors.joining("; "));
        return errors.size() > REASONS_MAX ? listed + "; and " + (errors.size() - REASONS_MAX) + " more" : listed;
    }
}
