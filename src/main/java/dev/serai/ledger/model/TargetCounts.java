package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A target's stored progress.
 *
 * @param position all changes of the flow up to this sequence are settled or have a delivery row
 * @param pause null unless it is paused
 * @param pending changes without a delivery row, including those in flight
 * @param oldest the accept time of the oldest change that the target does not have yet, dead letters excluded
 */
public record TargetCounts(
        long position,
        @Nullable Pause pause,
        long pending,
        long waiting,
        long parked,
        long dead,
        long delivered,
        @Nullable Instant oldest) {

    /**
     * A target gets nothing until it is resumed.
     *
     * @param isGone whether the target itself answered that it is permanently gone, as opposed to an operator who paused it
     * @param since null, like the others, if an older version of the program paused it
     * @param by the operator
     * @param reason what the operator gave as the reason, or the target's answer
     */
    public record Pause(
            boolean isGone,
            @Nullable Instant since,
            @Nullable String by,
            @Nullable String reason) {}
}
