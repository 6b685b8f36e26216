package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery that was given up. It is kept until it is replayed or discarded.
 *
 * @param diedAt when it was given up
 * @param status the HTTP status that the target answered last, if it answered one
 */
public record DeadLetter(
        TargetName target,
        long sequence,
        String id,
        String key,
        @Nullable String version,
        Operation operation,
        Instant acceptedAt,
        int attempts,
        Instant diedAt,
        @Nullable Integer status,
        String error) {}
