package dev.serai.ledger.model;

import java.time.Instant;

/**
 * A change that is held back for one target: it waits for its next attempt.
 *
 * @param attempts the number of attempts that count towards the limit
 * @param keyHash the hash by which it holds back later changes of its key
 * @param followed whether a later change is parked behind it
 */
public record DueChange(Entry entry, int attempts, Instant dueAt, long keyHash, boolean followed) {}
