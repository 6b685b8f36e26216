package dev.serai.ledger.delivery;

import dev.serai.ledger.model.Attempt.Transcript;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The outcome of one attempt to deliver a change. */
public sealed interface Outcome {

    /** Why it failed; null if it did not. */
    default @Nullable String error() {
        return null;
    }

    /** What was sent and answered, if it failed and that is known. */
    default @Nullable Transcript transcript() {
        return null;
    }

    /** The same failure with what was sent and answered; what is no failure stays as it is. */
    default Outcome with(Transcript transcript) {
        return this;
    }

    /**
     * The target has the change.
     *
     * @param reply the answer, if a caller waits for it
     * @param confirmed how it is known that the target had it already; null if this attempt sent it
     */
    record Delivered(
            @Nullable Integer status,
            @Nullable Reply reply,
            @Nullable String confirmed) implements Outcome {
        public Delivered(@Nullable Integer status) {
            this(status, null);
        }

        public Delivered(@Nullable Integer status, @Nullable Reply reply) {
            this(status, reply, null);
        }
    }

    /** A step of the route, such as a filter, kept the change back, and nothing was sent. */
    record Filtered() implements Outcome {}

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
            boolean outage,
            @Nullable Transcript transcript)
            implements Outcome {
        private static final Set<Integer> TOO_MANY_REQUESTS = Set.of(403, 429);

        public Failed(@Nullable Integer status, String error, @Nullable Duration retryAfter, boolean outage) {
            this(status, error, retryAfter, outage, null);
        }

        public Failed {
            if (retryAfter != null && retryAfter.compareTo(RedeliveryPolicy.RETRY_AFTER_MAX) > 0) {
                retryAfter = RedeliveryPolicy.RETRY_AFTER_MAX;
            }
        }

        @Override
        public Failed with(Transcript transcript) {
            return new Failed(status, error, retryAfter, outage, transcript);
        }

        /** How long the target wants no changes at all, or null. */
        public @Nullable Duration quietFor() {
            return status != null && TOO_MANY_REQUESTS.contains(status) ? retryAfter : null;
        }
    }

    /**
     * Trying again cannot help: the change is given up at once.
     *
     * @param status the target's answer, or null if the change was refused on the way or by what it contains, for example by
     *     a validation or a database's constraint
     * @param hasSharedCause whether the cause may be one that all changes share, for example an expired token or a path that
     *     has moved
     * @param wasSent false for a record that was broken when it was accepted, which no target is given
     */
    record Refused(
            @Nullable Integer status,
            String error,
            boolean hasSharedCause,
            boolean wasSent,
            @Nullable Transcript transcript)
            implements Outcome {
        /** Answers that depend on credentials, address and method, which all changes share. */
        private static final Set<Integer> SHARED_CAUSE = Set.of(401, 402, 403, 404, 405, 407, 421, 426, 451);

        public static Refused unsent(String error) {
            return new Refused(null, error, false, false, null);
        }

        public Refused(@Nullable Integer status, String error, boolean hasSharedCause) {
            this(status, error, hasSharedCause, true, null);
        }

        /** Whether all changes may share the cause is told by the status. */
        public Refused(@Nullable Integer status, String error) {
            this(status, error, status != null && SHARED_CAUSE.contains(status));
        }

        @Override
        public Refused with(Transcript transcript) {
            return new Refused(status, error, hasSharedCause, wasSent, transcript);
        }
    }

    /** The target was not reached at all. */
    record Unreachable(String error, @Nullable Transcript transcript) implements Outcome {
        public Unreachable(String error) {
            this(error, null);
        }

        @Override
        public Unreachable with(Transcript transcript) {
            return new Unreachable(error, transcript);
        }
    }

    /** The target is permanently gone (HTTP 410): the change is given up and the target is paused. */
    record Gone(
            @Nullable Integer status,
            String error,
            @Nullable Transcript transcript) implements Outcome {
        public Gone(@Nullable Integer status, String error) {
            this(status, error, null);
        }

        @Override
        public Gone with(Transcript transcript) {
            return new Gone(status, error, transcript);
        }
    }

    /** This process stopped during the attempt: nothing is recorded. */
    record Interrupted() implements Outcome {}

    /** Whether nothing is left to do. */
    default boolean isEnd() {
        return this instanceof Delivered || this instanceof Filtered;
    }

    /** Whether the target said something about the change. */
    default boolean isAnswer() {
        boolean silent = this instanceof Failed failed && failed.status() == null;
        return !silent && !(this instanceof Interrupted) && !(this instanceof Unreachable);
    }

    /** Whether it says more about the target than about the change. */
    default boolean isOutage() {
        return this instanceof Unreachable || (this instanceof Failed failed && failed.outage());
    }

    /** What the target answered, or why it could not be reached. */
    default String reason() {
        String error = error();
        return this instanceof Refused ? "it refuses every change: " + error : String.valueOf(error);
    }
}
