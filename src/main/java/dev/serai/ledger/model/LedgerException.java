package dev.serai.ledger.model;

import java.time.Duration;
import java.util.concurrent.CompletionException;

/** A request that the ledger refused. The message says what is wrong and what to do. */
public abstract sealed class LedgerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private LedgerException(String message) {
        super(message);
    }

    private LedgerException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The change can never be accepted as it is. */
    public static final class Invalid extends LedgerException {
        private static final long serialVersionUID = 1L;

        public Invalid(String message) {
            super(message);
        }
    }

    /** The id was already accepted for another change. The first one is kept. */
    public static final class Conflict extends LedgerException {
        private static final long serialVersionUID = 1L;

        /** The refusal of another node, in its words. */
        public Conflict(String message) {
            super(message);
        }

        /** @param difference what differs: key, operation, version or body */
        public Conflict(String flow, String id, String difference) {
            super("the id " + id + " was accepted before in flow " + flow + " with another " + difference
                    + "; the first change is kept. Send another change under a new id, and repeat a change with the same"
                    + " key, operation, version and body");
        }
    }

    /** The target that should be removed is in use. */
    public static final class InUse extends LedgerException {
        private static final long serialVersionUID = 1L;

        public InUse(String message) {
            super(message);
        }
    }

    /** Changes arrive faster than they can be made durable, or the process is stopping. Try again later. */
    public static final class Overloaded extends LedgerException {
        private static final long serialVersionUID = 1L;
        private final transient Duration retryAfter;

        public Overloaded(String message, Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** An action on deliveries that ended before it had changed all that match. What it changed stays changed. */
    public static final class Unfinished extends LedgerException {
        private static final long serialVersionUID = 1L;
        private final long changed;

        /** @param changed how many deliveries were changed for certain */
        public Unfinished(long changed, Throwable cause) {
            super("ended early, after " + changed + ": " + reason(cause), cause);
            this.changed = changed;
        }

        private static String reason(Throwable cause) {
            Throwable inner =
                    cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
            return inner.getMessage() == null ? inner.toString() : inner.getMessage();
        }

        public long changed() {
            return changed;
        }
    }

    /**
     * The store could not write or read. After a failed commit it is unknown whether the change was stored. It is safe to
     * send it again with the same id.
     */
    public static final class Unavailable extends LedgerException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
