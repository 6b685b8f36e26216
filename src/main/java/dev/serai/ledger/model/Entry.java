package dev.serai.ledger.model;

import java.time.Instant;

/**
 * A change as it stands in the ledger.
 *
 * @param sequence its place in the ledger, growing in commit order over all flows; gaps are possible
 * @param acceptedAt when it was accepted, to the millisecond
 */
public record Entry(long sequence, Instant acceptedAt, Change change) {}
