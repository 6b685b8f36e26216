package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A target's stored progress.
 *
 * @param position all changes of the flow up to this sequence are settled or have a delivery row
 * @param pending changes without a delivery row, including those in flight
 * @param oldest the accept time of the oldest change that the target does not have yet, dead letters excluded
 */
public record TargetCounts(
        long position,
        boolean paused,
        long pending,
        long waiting,
        long parked,
        long dead,
        long delivered,
        @Nullable Instant oldest) {}
