package dev.serai.store.jdbc;

/** Receives how a transaction ended. */
public interface TransactionEnd {
    void committed(long lastSequence);

    /** It was rolled back. */
    void undone();

    /** It is unknown whether it was committed. */
    void unknown();
}
