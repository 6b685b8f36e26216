package dev.serai.ledger.outcome;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.model.Attempt.Transcript;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a change next, for example because of the outcome of an attempt.
 *
 * @param state where the delivery goes from here, for example waiting until {@code dueAt}, or pending as if never sent
 * @param status the target's answer, where it has one
 * @param transcript what was sent and answered, if the attempt failed and that is known
 */
public record Decision(
        DeliveryState state,
        @Nullable Instant dueAt,
        @Nullable Integer status,
        @Nullable String error,
        @Nullable Transcript transcript) {
    private static final Decision NOT_SENT = new Decision(DeliveryState.PENDING, null, null, null);
    /** Not sent, because an earlier change of its key has to go first. */
    public static final Decision PARKED = new Decision(DeliveryState.PARKED, null, null, null);
    /** Not sent, because a newer state of its key takes its place. */
    public static final Decision REPLACED = new Decision(DeliveryState.SUPERSEDED, null, null, Delivery.REPLACED);

    private static final Decision FILTERED = new Decision(DeliveryState.FILTERED, null, null, null);

    private Decision(DeliveryState state, @Nullable Instant dueAt, @Nullable Integer status, @Nullable String error) {
        this(state, dueAt, status, error, null);
    }

    /** Sent again at that time; the attempt does not count. */
    public static Decision later(Instant dueAt, @Nullable Integer status) {
        return new Decision(DeliveryState.WAITING, dueAt, status, null);
    }

    /** Nobody knows what became of it, and why is in the reason: sent again now, and the attempt does not count. */
    public static Decision unknown(Instant now, String reason) {
        return new Decision(DeliveryState.WAITING, now, null, reason);
    }

    /** Under way for so long that it gets a row, which a restart begins with. */
    public static Decision setAside(Instant dueAt) {
        return later(dueAt, null);
    }

    /** Not sent, because the target already has a newer state of its key. */
    public static Decision outdated(String delivered) {
        return new Decision(
                DeliveryState.SUPERSEDED, null, null, "older than version " + delivered + ", delivered before");
    }

    /** Not sent, because the store did not keep it as it was accepted. */
    public static Decision damaged(String damage) {
        return dead(null, damage);
    }

    /**
     * Rules on the outcome of one attempt that is not the target's outage.
     *
     * @param attempt which attempt it was, counted from 1
     * @param now in the ledger's steady time
     */
    public static Decision of(
            Outcome outcome, int attempt, RedeliveryPolicy policy, Instant now, RandomGenerator random) {
        Decision ruled = ruled(outcome, attempt, policy, now, random);
        Transcript transcript = outcome.transcript();
        return transcript == null
                ? ruled
                : new Decision(ruled.state, ruled.dueAt, ruled.status, ruled.error, transcript);
    }

    private static Decision ruled(
            Outcome outcome, int attempt, RedeliveryPolicy policy, Instant now, RandomGenerator random) {
        if (outcome instanceof Outcome.Delivered delivered) {
            return new Decision(DeliveryState.DELIVERED, null, delivered.status(), delivered.confirmed());
        }
        if (outcome instanceof Outcome.Filtered) {
            return FILTERED;
        }
        if (outcome instanceof Outcome.Refused refused) {
            return dead(refused.status(), refused.error());
        }
        if (outcome instanceof Outcome.Gone gone) {
            return dead(gone.status(), gone.error());
        }
        if (outcome instanceof Outcome.Failed failed) {
            Duration asked = failed.retryAfter();
            Duration own = policy.delayAfter(attempt, random);
            Duration delay = asked != null && asked.compareTo(own) > 0 ? asked : own;
            return policy.isExhausted(attempt)
                    ? dead(failed.status(), failed.error())
                    : new Decision(DeliveryState.WAITING, now.plus(delay), failed.status(), failed.error());
        }
        if (outcome instanceof Outcome.Unreachable unreachable) {
            return policy.isExhausted(attempt)
                    ? dead(null, unreachable.error())
                    : new Decision(
                            DeliveryState.WAITING,
                            now.plus(policy.delayAfter(attempt, random)),
                            null,
                            unreachable.error());
        }
        return NOT_SENT;
    }

    /** Given up by an operator. */
    public static Decision skipped(String reason) {
        return dead(null, reason);
    }

    private static Decision dead(@Nullable Integer status, String error) {
        return new Decision(DeliveryState.DEAD, null, status, error);
    }

    /** Whether the attempt counts. */
    public boolean isAttempt() {
        return state != DeliveryState.PENDING;
    }
}
