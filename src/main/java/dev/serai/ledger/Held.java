package dev.serai.ledger;

import java.time.Instant;

/**
 * A change that is held back for one target: it waits for its next attempt.
 *
 * @param attempts how often it was tried and it counted
 * @param keyHash by which it holds back others
 * @param followed whether a later change is parked behind it
 */
public record Held(Entry entry, int attempts, Instant dueAt, long keyHash, boolean followed) {}
