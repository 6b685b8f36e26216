package dev.serai.connector.pull;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.text.LogText;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides how long a pull waits after a failure, and words the log line.
 *
 * <p>Threads: safe.
 */
public final class PullFailures {
    private static final IntervalFunction BACK_OFF = IntervalFunction.ofExponentialBackoff(1_000, 2, 60_000);
    private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);
    /** How often a record on which the route fails is tried again before it is given up. */
    private static final int RECORD_TRIES = 3;

    /** Refused credentials: the next run is soon enough, and maybe they are mended by then. */
    private static final Set<Integer> CREDENTIALS = Set.of(401, 407);

    private static final int DETAIL_CHARS_MAX = 500;

    private final OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

    /**
     * How many milliseconds to wait before the source is asked again; null if that would not help.
     *
     * @param failures how often it has failed before
     */
    public @Nullable Long waitForSource(Throwable failure, int failures) {
        if (failure instanceof PullException) {
            return null;
        }
        Outcome outcome = outcomes.of(failure);
        if (outcome instanceof Outcome.Unreachable) {
            return backOff(failures);
        }
        if (outcome instanceof Outcome.Failed failed) {
            Integer status = failed.status();
            boolean passing = status == null ? failed.outage() : status >= 400 && !CREDENTIALS.contains(status);
            Duration asked = failed.retryAfter();
            long askedMillis = asked == null ? 0 : Math.min(asked.toMillis(), RETRY_AFTER_MAX.toMillis());
            return passing ? Math.max(backOff(failures), askedMillis) : null;
        }
        return null;
    }

    /**
     * As {@link #waitForSource}, after the user's route has failed: it helps if the ledger takes nothing at the moment. A record
     * that is alone is tried again some times, unless it is refused for good, since what the route failed on may pass.
     */
    public @Nullable Long waitForRoute(Throwable failure, int failures, boolean alone) {
        if (takesNothing(failure)) {
            return backOff(failures);
        }
        boolean mayPass = !isPermanent(failure) && mayBeOfRecord(failure);
        return alone && failures < RECORD_TRIES && mayPass ? backOff(failures) : null;
    }

    /** Whether the ledger takes nothing at the moment, whichever record it is. */
    public boolean takesNothing(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LedgerException.Overloaded
                    || cause instanceof LedgerException.Unavailable
                    || cause instanceof StoreException) {
                return true;
            }
        }
        return false;
    }

    private static Long backOff(int failures) {
        return BACK_OFF.apply(failures + 1);
    }

    /** Whether it would fail the same way again. */
    public boolean isPermanent(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LedgerException.Invalid || cause instanceof LedgerException.Conflict) {
                return true;
            }
        }
        return outcomes.of(failure) instanceof Outcome.Refused;
    }

    /** Whether a step of the route failed and says nothing of an outage, so that it may fail on this record every time. */
    public boolean mayBeOfRecord(Throwable failure) {
        return outcomes.of(failure) instanceof Outcome.Failed failed && failed.status() == null && !failed.outage();
    }

    /** What went wrong, in one line that holds no secret, short enough for the log. */
    public String reason(@Nullable Throwable failure) {
        String known = known(failure);
        return known == null ? LogText.of(error(failure)) : known;
    }

    /** The same with the beginning of the source's answer, if it is of one. */
    public String detail(@Nullable Throwable failure) {
        String known = known(failure);
        return LogText.line(known == null ? error(failure) : known, DETAIL_CHARS_MAX);
    }

    private static @Nullable String known(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LedgerException || cause instanceof PullException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return null;
    }

    private String error(@Nullable Throwable failure) {
        if (failure == null) {
            return "unknown";
        }
        Outcome outcome = outcomes.of(failure);
        return outcome.error() == null ? String.valueOf(outcome) : outcome.error();
    }
}
