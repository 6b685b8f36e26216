package dev.serai.ledger.delivery;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerSettings.DeliveryListener;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many attempts failed, and how many changes were given up, since the start of the process. It passes on what it hears.
 *
 * <p>Threads: safe.
 */
public final class FailureCounts implements DeliveryListener {
    private final DeliveryListener next;
    private final Map<TargetName, TargetFailures> targets = new ConcurrentHashMap<>();

    private static final class TargetFailures {
        final LongAdder failed = new LongAdder();
        final LongAdder dead = new LongAdder();
    }

    public FailureCounts(DeliveryListener next) {
        this.next = next;
    }

    @Override
    public void settled(TargetName target, DeliveryState state, Duration sinceAccepted) {
        if (state == DeliveryState.DEAD) {
            of(target).dead.increment();
        }
        next.settled(target, state, sinceAccepted);
    }

    @Override
    public void failed(TargetName target) {
        of(target).failed.increment();
        next.failed(target);
    }

    private TargetFailures of(TargetName target) {
        return targets.computeIfAbsent(target, none -> new TargetFailures());
    }

    /** How many attempts to deliver to it failed. */
    public long attempts(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.failed.sum();
    }

    /** How many of its changes became dead letters. */
    public long letters(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.dead.sum();
    }

    /** Forgets all other targets. */
    public void retain(Set<TargetName> known) {
        targets.keySet().retainAll(known);
    }
}
