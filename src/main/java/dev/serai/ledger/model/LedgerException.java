package dev.serai.ledger.model;

import java.time.Duration;

/** Why the ledger did not do what it was asked. Each says what is wrong and what to do. */
public abstract sealed class LedgerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private LedgerException(String message) {
        super(message);
    }

    private LedgerException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The change itself cannot be accepted as it is, now or later. */
    public static final class Invalid extends LedgerException {
        private static final long serialVersionUID = 1L;

        public Invalid(String message) {
            super(message);
        }
    }

    /** The id was accepted before with another body; the first one stands. */
    public static final class Conflict extends LedgerException {
        private static final long serialVersionUID = 1L;

        public Conflict(String flow, String id) {
            super("the id " + id + " was accepted before in flow " + flow
                    + " with another body; the first stands, send a changed body under a new id");
        }
    }

    /** What is to be removed is in use. */
    public static final class InUse extends LedgerException {
        private static final long serialVersionUID = 1L;

        public InUse(String message) {
            super(message);
        }
    }

    /** More arrives than can be made durable, or the process is stopping: try again later. */
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

    /**
     * The store could not write or read. After a failed commit it is unknown whether the change was stored; sending it
     * again under the same id is safe.
     */
    public static final class Unavailable extends LedgerException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
