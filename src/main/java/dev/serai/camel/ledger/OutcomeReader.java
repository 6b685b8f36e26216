package dev.serai.camel.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.serai.ledger.delivery.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the outcome of a delivery from its finished exchange.
 *
 * <p>Permanent failures are 4xx answers except 408, 425 and 429, failed validation, unreadable data, and rows or
 * records that a database or Kafka refuses. Without a connection the target was not reached. Everything else is
 * retried. Each connector's own exceptions are read by its {@link FailureReader}.
 *
 * <p>Threads: safe.
 */
public final class OutcomeReader {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeReader.class);
    /** Causes may form a ring. */
    private static final int CAUSES_MAX = 64;

    private static final List<FailureReader> READERS = readers();

    private final InstantSource clock;

    public OutcomeReader(InstantSource clock) {
        this.clock = clock;
    }

    private static List<FailureReader> readers() {
        List<FailureReader> readers = new ArrayList<>();
        ServiceLoader.load(FailureReader.class, FailureReader.class.getClassLoader())
                .forEach(readers::add);
        return List.copyOf(readers);
    }

    public Outcome of(Exchange exchange) {
        Exception failure = exchange.getException();
        if (failure != null) {
            return of(failure);
        }
        if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
            return new Outcome.Failed(null, "the route rolled the delivery back", null, false);
        }
        Throwable handled = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (handled != null && of(handled) instanceof Outcome.Interrupted interrupted) {
            return interrupted; // what a route does about failures of its target is not meant for this
        }
        boolean isFiltered = exchange.getProperty(LedgerConstants.SENT) instanceof AtomicBoolean sent && !sent.get();
        String confirmed = exchange.getProperty(LedgerConstants.CONFIRMED, String.class);
        return isFiltered ? new Outcome.Filtered() : new Outcome.Delivered(status(exchange), null, confirmed);
    }

    private static @Nullable Integer status(Exchange exchange) {
        try {
            return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        } catch (RuntimeException e) { // what a route left in the header does not undo the delivery
            LOG.debug("{} is not a status", Exchange.HTTP_RESPONSE_CODE, e);
            return null;
        }
    }

    /** Never throws, whatever the readers and the failure's own methods do. */
    public Outcome of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
            try {
                Throwable hidden = hiddenBy(cause);
                Outcome outcome = hidden == null ? read(cause) : null;
                if (outcome != null) {
                    return outcome;
                }
                cause = hidden == null ? cause.getCause() : hidden;
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "A failure of class {} cannot be read", cause.getClass().getName(), e);
                break;
            }
        }
        return new Outcome.Failed(null, FailureText.of(failure), null, false);
    }

    private static @Nullable Throwable hiddenBy(Throwable cause) {
        for (FailureReader reader : READERS) {
            Throwable hidden = reader.hiddenBy(cause);
            if (hidden != null) {
                return hidden;
            }
        }
        return null;
    }

    private @Nullable Outcome read(Throwable cause) {
        for (FailureReader reader : READERS) {
            Outcome outcome = reader.read(cause, clock.instant());
            if (outcome != null) {
                return outcome;
            }
        }
        return ofAnyConnector(cause);
    }

    private static @Nullable Outcome ofAnyConnector(Throwable cause) {
        // An interrupt comes from this node, so it is not the target's failure. Timeouts are subclasses.
        if (cause instanceof NotSentException
                || cause instanceof InterruptedException
                || cause.getClass() == InterruptedIOException.class) {
            return new Outcome.Interrupted();
        }
        if (cause instanceof ConnectException
                || cause instanceof UnknownHostException
                || cause instanceof NoRouteToHostException) {
            return new Outcome.Unreachable(FailureText.of(cause));
        }
        if (cause instanceof ValidationException
                || cause instanceof InvalidPayloadException
                || cause instanceof JsonProcessingException) {
            return new Outcome.Refused(null, FailureText.of(cause));
        }
        if (cause instanceof IOException
                || cause instanceof TimeoutException
                || cause instanceof ExchangeTimedOutException) {
            return new Outcome.Failed(null, FailureText.of(cause), null, true);
        }
        return null;
    }

    /** Whether an answer of this status says that the same request can never succeed. */
    public static boolean isPermanent(int status) {
        boolean passing = status == 408 || status == 425 || status == 429;
        return status >= 400 && status < 500 && !passing;
    }
}
