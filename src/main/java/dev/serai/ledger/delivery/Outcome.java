package dev.serai.ledger.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The outcome of one attempt to deliver a change. */
public sealed interface Outcome {

    /**
     * The target has the change.
     *
     * @param reply what it answered, if anybody waits for that
     */
    record Delivered(@Nullable Integer status, @Nullable Reply reply) implements Outcome {
        public Delivered(@Nullable Integer status) {
            this(status, null);
        }
    }

    /**
     * It failed, and trying again may help.
     *
     * @param retryAfter how long the target asked to be left alone
     * @param outage whether it says more about the target than about the change: a time-out, a broken connection, 502, 503 or
     *     504
     */
    record Failed(
            @Nullable Integer status,
            String error,
            @Nullable Duration retryAfter,
            boolean outage) implements Outcome {
        private static final int TOO_MANY_REQUESTS = 429;

        /** Whether it uses up an attempt, given that the target is up or down as far as is known. */
        public boolean counts(boolean up) {
            return up || !outage;
        }

        /** How long the target wants no change at all, not only this one, or null. */
        public @Nullable Duration quietFor() {
            return status != null && status == TOO_MANY_REQUESTS ? retryAfter : null;
        }
    }

    /** Trying again cannot help: the change is given up at once. */
    record Refused(@Nullable Integer status, String error) implements Outcome {}

    /** The target was not reached at all: no attempt is used up. */
    record Unreachable(String error) implements Outcome {}

    /** The target is gone for good (HTTP 410): the change is given up and the target is paused. */
    record Gone(@Nullable Integer status, String error) implements Outcome {}

    /** The attempt was cut short by this process stopping: nothing is recorded. */
    record Interrupted() implements Outcome {}
}
