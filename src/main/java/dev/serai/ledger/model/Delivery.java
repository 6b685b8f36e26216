package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The progress of delivering one change to one target.
 *
 * @param attempts the number of attempts that count towards the limit
 * @param dueAt the time of the next attempt, while waiting
 * @param finishedAt when it ended; while it waits after a failure, when that was
 * @param status the HTTP status that the target answered last, if it answered one
 * @param error why the last attempt failed, why it was superseded, or how it is known that the target had it already; one line
 */
public record Delivery(
        TargetName target,
        DeliveryState state,
        int attempts,
        @Nullable Instant dueAt,
        @Nullable Instant finishedAt,
        @Nullable Integer status,
        @Nullable String error) {

    /** The error of a change that was superseded by a later one. */
    public static final String REPLACED = "replaced by a newer state of its key";
}
