package dev.serai.store.jdbc;

import java.util.Set;

/** Receives how a transaction ended. */
public interface TransactionEnd {
    /** @param failed the numbers of the targets of which failed deliveries changed */
    void committed(long lastSequence, Set<Integer> failed);

    /** It was rolled back. */
    void undone();

    /** It is unknown whether it was committed. */
    void unknown();
}
