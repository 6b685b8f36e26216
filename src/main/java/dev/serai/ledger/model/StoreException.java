package dev.serai.ledger.model;

/** The store could not read or write. After a failed commit it is unknown whether the commit happened. */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreException(String message) {
        super(message);
    }

    /** The database of the store cannot be reached, or does not answer in time; the ledger can be used again when it does. */
    public static final class StoreAwayException extends StoreException {
        private static final long serialVersionUID = 1L;

        public StoreAwayException(String message, Throwable cause) {
            super(message, cause);
        }

        public StoreAwayException(String message) {
            super(message);
        }
    }
}
