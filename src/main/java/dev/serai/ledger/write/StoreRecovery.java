package dev.serai.ledger.write;

import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reopens the store after a failed commit, after delays that grow until a commit succeeds.
 *
 * <p>Threads: the writer's; {@link #trouble} from any.
 */
final class StoreRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRecovery.class);
    private static final Duration DELAY_MIN = Duration.ofMillis(100);
    private static final Duration DELAY_MAX = Duration.ofSeconds(5);

    private final Store store;
    private final TimeSource time;
    private Duration delay = DELAY_MIN;
    private long retryAtMillis;
    private volatile @Nullable String trouble;
    private volatile boolean away;

    StoreRecovery(Store store, TimeSource time) {
        this.store = store;
        this.time = time;
    }

    /** Null while writes succeed, else one line that says why they do not. */
    @Nullable String trouble() {
        return trouble;
    }

    /** Whether writes fail because the store's database is not there. */
    boolean isAway() {
        return away;
    }

    /** Records that all further writes fail. */
    void end(String reason) {
        trouble = reason;
    }

    void commitFailed(StoreException e) {
        String reason = reason(e);
        if (trouble == null) {
            LOG.error("Commit failed, no change is accepted until the ledger is opened again: {}", reason);
        }
        trouble = reason;
        away = e instanceof StoreAwayException;
        scheduleRetry();
    }

    void commitSucceeded() {
        if (!delay.equals(DELAY_MIN)) {
            delay = DELAY_MIN;
            LOG.info("The ledger accepts writes again");
        }
    }

    long millisUntilRetry() {
        return Math.max(1, retryAtMillis - time.monotonicMillis());
    }

    /** Reopens the store if the delay is over; returns whether that succeeded. */
    boolean tryReopen() {
        if (time.monotonicMillis() < retryAtMillis) {
            return false;
        }
        try {
            store.reopen();
        } catch (StoreException e) {
            trouble = reason(e);
            away = e instanceof StoreAwayException;
            scheduleRetry();
            return false;
        }
        trouble = null;
        away = false;
        return true;
    }

    private void scheduleRetry() {
        retryAtMillis = time.monotonicMillis() + delay.toMillis();
        Duration doubled = delay.multipliedBy(2);
        delay = doubled.compareTo(DELAY_MAX) < 0 ? doubled : DELAY_MAX;
    }

    private String reason(StoreException e) {
        return "the ledger cannot be written: " + e.getMessage() + "; " + store.location();
    }
}
