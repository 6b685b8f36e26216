package dev.serai.ledger.model;

import java.time.Instant;

/**
 * A change as stored in the ledger.
 *
 * @param sequence its position in the ledger, increasing in commit order over all flows; gaps are possible
 * @param acceptedAt when it was accepted, to the millisecond
 */
public record Entry(long sequence, Instant acceptedAt, Change change) {}
