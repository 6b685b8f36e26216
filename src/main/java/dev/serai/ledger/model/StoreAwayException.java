package dev.serai.ledger.model;

/** The database of the store cannot be reached, or does not answer in time; the ledger can be used again when it does. */
public final class StoreAwayException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreAwayException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreAwayException(String message) {
        super(message);
    }
}
