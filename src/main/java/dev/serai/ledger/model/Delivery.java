package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The progress of one change towards one target.
 *
 * @param attempts how often the target was tried and it counted
 * @param dueAt when it is tried again, while waiting
 * @param status the target's last answer as an HTTP status, where it has one
 * @param error why the last attempt failed, or why it was superseded; one line
 */
public record Delivery(
        TargetName target,
        DeliveryState state,
        int attempts,
        @Nullable Instant dueAt,
        @Nullable Instant finishedAt,
        @Nullable Integer status,
        @Nullable String error) {

    /** Why a change was superseded by one behind it. */
    public static final String REPLACED = "replaced by a newer state of its key";
}
