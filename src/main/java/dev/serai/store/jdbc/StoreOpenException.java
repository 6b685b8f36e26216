package dev.serai.store.jdbc;

import dev.serai.ledger.model.StoreException;

/** The ledger could not be opened and was not changed. The message says what to do. */
public final class StoreOpenException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Why a ledger cannot be opened. */
    public enum OpenProblem {
        /** Another process, or another store in this process, has it open. */
        LOCKED,
        /** The file exists but is damaged or not a ledger. */
        DAMAGED,
        /** A newer program wrote it. */
        NEWER,
        /** Its folder or file cannot be written, or its server is not fit. */
        UNWRITABLE,
        /** Its server does not answer. */
        UNREACHABLE
    }

    private final OpenProblem reason;

    public StoreOpenException(OpenProblem reason, String message) {
        super(message);
        this.reason = reason;
    }

    public StoreOpenException(OpenProblem reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public OpenProblem reason() {
        return reason;
    }
}
