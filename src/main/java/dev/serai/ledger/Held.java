package dev.serai.ledger;

import java.time.Instant;

/**
 * A change that is held back for one target: it waits for its next attempt.
 *
 * @param attempts how often it was tried and it counted
 */
public record Held(Entry entry, int attempts, Instant dueAt) {}
