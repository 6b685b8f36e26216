package dev.serai.ledger.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The outcome of one attempt to deliver a change. */
public sealed interface Outcome {

    /** Why it failed; null if it did not. */
    default @Nullable String error() {
        return null;
    }

    /**
     * The target has the change.
     *
     * @param reply the answer, if a caller waits for it
     */
    record Delivered(@Nullable Integer status, @Nullable Reply reply) implements Outcome {
        public Delivered(@Nullable Integer status) {
            this(status, null);
        }
    }

    /**
     * The attempt failed, and a retry may succeed.
     *
     * @param retryAfter the wait that the target asked for, at most a day
     * @param outage whether the cause is probably the target and not the change: a time-out, a broken connection, 502, 503 or
     *     504
     */
    record Failed(
            @Nullable Integer status,
            String error,
            @Nullable Duration retryAfter,
            boolean outage) implements Outcome {
        private static final int TOO_MANY_REQUESTS = 429;
        private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);

        public Failed {
            if (retryAfter != null && retryAfter.compareTo(RETRY_AFTER_MAX) > 0) {
                retryAfter = RETRY_AFTER_MAX;
            }
        }

        /** Whether the attempt counts towards the limit. */
        public boolean counts(boolean up) {
            return up || !outage;
        }

        /** How long the target wants no changes at all, or null. */
        public @Nullable Duration quietFor() {
            return status != null && status == TOO_MANY_REQUESTS ? retryAfter : null;
        }
    }

    /** A retry cannot succeed: the change is given up at once. */
    record Refused(@Nullable Integer status, String error) implements Outcome {}

    /** The target was not reached: the attempt does not count. */
    record Unreachable(String error) implements Outcome {}

    /** The target is permanently gone (HTTP 410): the change is given up and the target is paused. */
    record Gone(@Nullable Integer status, String error) implements Outcome {}

    /** This process stopped during the attempt: nothing is recorded. */
    record Interrupted() implements Outcome {}
}
