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
}
