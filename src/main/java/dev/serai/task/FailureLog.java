package dev.serai.task;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log that something which is done again and again fails: one WARN line for each kind of failure, and one line when
 * it works again. Kinds are told apart by the class of the exception.
 *
 * <p>Threads: safe.
 */
public final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    private final String what;
    private final Set<Class<?>> told = new HashSet<>();

    /** @param what is done, as the beginning of a sentence */
    public FailureLog(String what) {
        this.what = what;
    }

    public synchronized void failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (told.add(cause.getClass())) {
            LOG.warn("{} failed, and is tried again: {}", what, cause.toString());
        }
    }

    /** A failure that nobody expected: the line has the place. */
    synchronized void failedUnexpectedly(Throwable failure) {
        if (told.add(failure.getClass())) {
            LOG.warn("{} failed, and is tried again: {}", what, failure.toString(), failure);
        }
    }

    /** @param failure null if it worked */
    public void ended(@Nullable Throwable failure) {
        if (failure == null) {
            worked();
        } else {
            failed(failure);
        }
    }

    public synchronized void worked() {
        if (!told.isEmpty()) {
            told.clear();
            LOG.info("{} works again", what);
        }
    }
}
