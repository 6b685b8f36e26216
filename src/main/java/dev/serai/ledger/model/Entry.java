package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change as stored in the ledger.
 *
 * @param sequence its position in the ledger, increasing in commit order over all flows; gaps are possible
 * @param acceptedAt when it was accepted, to the millisecond
 * @param damage why it must not be delivered, or null if it is what was accepted; the other fields are as they were read
 */
public record Entry(
        long sequence,
        Instant acceptedAt,
        Change change,
        @Nullable String damage) {

    public Entry(long sequence, Instant acceptedAt, Change change) {
        this(sequence, acceptedAt, change, null);
    }
}
