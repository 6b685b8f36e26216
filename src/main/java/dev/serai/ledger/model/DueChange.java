package dev.serai.ledger.model;

import java.time.Instant;

/**
 * A change that is held back for one target: it waits for its next attempt.
 *
 * @param attempts how often it was tried and it counted
 * @param keyHash by which it holds back others
 * @param followed whether a change after it is parked behind it
 */
public record DueChange(Entry entry, int attempts, Instant dueAt, long keyHash, boolean followed) {}
