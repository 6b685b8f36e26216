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
 * How many attempts failed, and how many changes were given up, since the start of the process: by this node, and by the others that
 * share the ledger. It passes on what it hears of this node.
 *
 * <p>Threads: safe.
 */
public final class FailureCounts implements DeliveryListener {
    private final DeliveryListener next;
    private final Map<TargetName, TargetFailures> targets = new ConcurrentHashMap<>();

    private static final class TargetFailures {
        final LongAdder failed = new LongAdder();
        final LongAdder dead = new LongAdder();
        final LongAdder timedOut = new LongAdder();
        final LongAdder failedElsewhere = new LongAdder();
        final LongAdder deadElsewhere = new LongAdder();
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

    @Override
    public void timedOut(TargetName target) {
        of(target).timedOut.increment();
        next.timedOut(target);
    }

    private TargetFailures of(TargetName target) {
        return targets.computeIfAbsent(target, none -> new TargetFailures());
    }

    /** Another node said that so many more failed and became dead letters. */
    public void elsewhere(TargetName target, long failed, long dead) {
        if (failed > 0 || dead > 0) {
            TargetFailures failures = of(target);
            failures.failedElsewhere.add(failed);
            failures.deadElsewhere.add(dead);
        }
    }

    /** How many attempts of any node to deliver to it failed. */
    public long attempts(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.failed.sum() + failures.failedElsewhere.sum();
    }

    /** How many of its changes became dead letters at any node. */
    public long letters(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.dead.sum() + failures.deadElsewhere.sum();
    }

    /** As {@link #attempts}, of this node. */
    public long ownAttempts(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.failed.sum();
    }

    /** As {@link #letters}, of this node. */
    public long ownLetters(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.dead.sum();
    }

    /** How many deliveries of this node had no outcome in time. */
    public long ownTimeouts(TargetName target) {
        TargetFailures failures = targets.get(target);
        return failures == null ? 0 : failures.timedOut.sum();
    }

    /** Forgets all other targets. */
    public void retain(Set<TargetName> known) {
        targets.keySet().retainAll(known);
    }
}
