package dev.serai.ledger.cluster;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.RecentOutcomes.Summary;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.delivery.Trouble;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows about a target beyond what is stored: the deliveries from its shards. Times are milliseconds since 1970.
 *
 * @param pending how many changes are under way that have no delivery row
 * @param waiting how many are under way that have a waiting row
 * @param parked how many are under way that have a parked row
 * @param failedAttempts since the start of the node, like {@code letters}
 * @param letters how many changes became dead letters
 * @param hasRoute whether a route of the node delivers to it
 * @param underWay the sequences of the changes that are under way
 */
public record TargetPart(
        String flow,
        String target,
        int pending,
        int waiting,
        int parked,
        CircuitState circuit,
        @Nullable Long downSince,
        @Nullable String downReason,
        long timedOut,
        int attempts,
        int failures,
        @Nullable Long failingSince,
        @Nullable String failureReason,
        long deliveredPerMinute,
        long failedPerMinute,
        long failedAttempts,
        long letters,
        boolean hasRoute,
        List<Long> underWay) {

    /** A node that runs an earlier version does not say what is under way. */
    public TargetPart {
        underWay = underWay == null ? List.of() : underWay;
    }

    /** @param inFlight as {@code pending}, {@code waiting} and {@code parked} */
    public static TargetPart of(
            String flow,
            String target,
            int[] inFlight,
            CircuitState circuit,
            @Nullable Trouble trouble,
            long timedOut,
            Summary recent,
            long failedAttempts,
            long letters,
            boolean hasRoute,
            List<Long> underWay) {
        return new TargetPart(
                flow,
                target,
                inFlight[0],
                inFlight[1],
                inFlight[2],
                circuit,
                millis(trouble == null ? null : trouble.since()),
                trouble == null ? null : trouble.reason(),
                timedOut,
                recent.attempts(),
                recent.failures(),
                millis(recent.since()),
                recent.reason(),
                recent.deliveredPerMinute(),
                recent.failedPerMinute(),
                failedAttempts,
                letters,
                hasRoute,
                underWay);
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    private static @Nullable Instant time(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    /** Since when it is down for the node; empty if it is not. */
    public Optional<Instant> down() {
        return Optional.ofNullable(time(downSince));
    }

    boolean isOf(String flowName, String targetName) {
        return flow.equals(flowName) && target.equals(targetName);
    }

    /** The status of the target, with this part of it: the worst of all nodes. */
    TargetStatus addTo(TargetStatus sum) {
        Instant since = time(downSince);
        Trouble trouble = since == null || downReason == null ? null : new Trouble(downReason, since);
        return new TargetStatus(
                sum.target(),
                sum.position(),
                Math.max(0, sum.pending() - pending),
                sum.delivering() + pending + waiting + parked,
                Math.max(0, sum.waiting() - waiting),
                Math.max(0, sum.parked() - parked),
                sum.dead(),
                sum.delivered(),
                sum.oldest(),
                sum.circuit() == CircuitState.CLOSED ? circuit : sum.circuit(),
                sum.pause(),
                sum.trouble() == null ? trouble : sum.trouble(),
                sum.timedOut() + timedOut,
                plus(sum.recent()),
                sum.hasRoute() && hasRoute,
                sum.phase());
    }

    private Summary plus(Summary sum) {
        Instant since = time(failingSince);
        boolean earlier = since != null && (sum.since() == null || since.isBefore(sum.since()));
        return new Summary(
                sum.attempts() + attempts,
                sum.failures() + failures,
                earlier ? since : sum.since(),
                sum.reason() == null ? failureReason : sum.reason(),
                sum.deliveredPerMinute() + deliveredPerMinute,
                sum.failedPerMinute() + failedPerMinute);
    }
}
