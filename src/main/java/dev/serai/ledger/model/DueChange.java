package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change that is held back for one target: it waits for its next attempt, or is parked behind an earlier change of its key.
 *
 * @param attempts the number of attempts that count towards the limit
 * @param dueAt when it is tried again, or null while it is parked
 * @param keyHash the hash by which it holds back later changes of its key
 * @param followed whether a later change is parked behind it
 */
public record DueChange(Entry entry, int attempts, @Nullable Instant dueAt, long keyHash, boolean followed) {}
