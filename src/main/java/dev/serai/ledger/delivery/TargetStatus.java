package dev.serai.ledger.delivery;

import dev.serai.ledger.model.TargetCounts.Pause;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A target's progress as it stands now.
 *
 * @param position all changes of the flow up to this sequence are settled, waiting or parked
 * @param oldest when the oldest change that the target does not have yet was accepted; dead letters not counted
 * @param pause null unless an operator, or the target's own 410, stopped it
 * @param trouble why the circuit is open, or null
 * @param timedOut deliveries that had no outcome in time, since the start of each node
 * @param hasRoute whether a route of this process delivers to it
 * @param phase how far this process is
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
        @Nullable Pause pause,
        @Nullable Trouble trouble,
        long timedOut,
        RecentOutcomes.Summary recent,
        boolean hasRoute,
        NodePhase phase) {
    private static final Duration SLOW = Duration.ofMinutes(1);

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
                pause == null ? other.pause : pause,
                trouble,
                timedOut + other.timedOut,
                recent,
                hasRoute || other.hasRoute,
                phase);
    }

    /** The same with so many time-outs. */
    public TargetStatus withTimeouts(long count) {
        return new TargetStatus(
                target,
                position,
                pending,
                delivering,
                waiting,
                parked,
                dead,
                delivered,
                oldest,
                circuit,
                pause,
                trouble,
                count,
                recent,
                hasRoute,
                phase);
    }

    public boolean isPaused() {
        return pause != null;
    }

    /** Changes that the target does not have yet, dead letters not counted. */
    public long backlog() {
        return pending + delivering + waiting + parked;
    }

    public TargetState state(Instant now) {
        if (pause != null) {
            return pause.isGone() ? TargetState.STOPPED : TargetState.PAUSED;
        } else if (!hasRoute) {
            return phase == NodePhase.STARTING ? TargetState.STARTING : TargetState.STOPPED;
        } else if (circuit != CircuitState.CLOSED) {
            return TargetState.DOWN;
        } else if (recent.isFailing()) {
            return TargetState.FAILING;
        } else if (parked > 0) {
            return TargetState.BLOCKED;
        }
        boolean isSlow = oldest != null && oldest.plus(SLOW).isBefore(now);
        return isSlow ? TargetState.SLOW : TargetState.OK;
    }

    /** When what the state says began; null if that is not known. */
    public @Nullable Instant since(Instant now) {
        return switch (state(now)) {
            case DOWN -> trouble == null ? null : trouble.since();
            case FAILING -> recent.since();
            case STOPPED, PAUSED -> pause == null ? null : pause.since();
            case BLOCKED, SLOW -> oldest;
            case OK, STARTING -> null;
        };
    }

    /** Why the state is what it is, in one line; null if it is ok. */
    public @Nullable String reason(Instant now) {
        return switch (state(now)) {
            case DOWN -> trouble == null ? "it is being probed" : trouble.reason();
            case FAILING ->
                recent.failures() + " of the last " + recent.attempts() + " attempts failed: " + recent.reason();
            case STOPPED -> stopReason();
            case STARTING -> "its route does not run yet";
            case PAUSED -> pauseReason();
            case BLOCKED ->
                parked + " changes wait behind failed ones of their keys"
                        + (recent.reason() == null ? "" : ": " + recent.reason());
            case SLOW -> "the oldest of " + backlog() + " changes has waited for more than a minute";
            case OK -> null;
        };
    }

    private String stopReason() {
        if (pause != null) {
            return "it answered that it is permanently gone (410): " + pause.reason();
        }
        return phase == NodePhase.STOPPING
                ? "the node is stopping"
                : "no route delivers to it: restore its route, or remove the target";
    }

    private String pauseReason() {
        String by = pause == null || pause.by() == null ? "an operator" : pause.by();
        String why = pause == null || pause.reason() == null ? "no reason given" : pause.reason();
        return "paused by " + by + ": " + why;
    }
}
