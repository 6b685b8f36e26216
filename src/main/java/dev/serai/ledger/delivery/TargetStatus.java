package dev.serai.ledger.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A target's progress as it stands now.
 *
 * @param position all changes of the flow up to this sequence are settled, waiting or parked
 * @param oldest when the oldest change that the target does not have yet was accepted; dead letters not counted
 * @param paused whether an operator, or the target's own 410, stopped it
 * @param trouble why the circuit is open, or null
 * @param timedOut deliveries since the start of this process that had no outcome in time
 */
public record TargetStatus(
        String target,
        long position,
        long pending,
        long delivering,
        long waiting,
        long parked,
        long dead,
        long delivered,
        @Nullable Instant oldest,
        CircuitState circuit,
        boolean paused,
        @Nullable Trouble trouble,
        long timedOut) {

    /** The sum of two shards, which share the circuit. */
    public TargetStatus plus(TargetStatus other) {
        boolean older = oldest != null && (other.oldest == null || oldest.isBefore(other.oldest));
        return new TargetStatus(
                target,
                Math.min(position, other.position),
                pending + other.pending,
                delivering + other.delivering,
                waiting + other.waiting,
                parked + other.parked,
                dead + other.dead,
                delivered + other.delivered,
                older ? oldest : other.oldest,
                circuit,
                paused || other.paused,
                trouble,
                timedOut + other.timedOut);
    }
}
