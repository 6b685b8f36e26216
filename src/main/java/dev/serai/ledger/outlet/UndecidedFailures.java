package dev.serai.ledger.outlet;

import dev.serai.ledger.delivery.Blame;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.time.LedgerClock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Failed deliveries of which it is not known whether the change or the target is at fault.
 *
 * <p>A success of something that was sent later tells that the target was up: the changes are to blame. If none comes
 * within {@value #DOUBT_MILLIS} ms while everything else fails, the target is to blame. A lone change that fails again
 * after another one succeeded in between is to blame itself.
 *
 * <p>Threads: used under its outlet's lock.
 */
final class UndecidedFailures {
    private static final long DOUBT_MILLIS = 1_000;
    /** With fewer failures, deliveries under way may still tell; they are waited for, but not for ever. */
    private static final int FAILURES_ENOUGH = 3;

    private static final long OTHERS_MILLIS = 30_000;
    /** So many failures of what was sent after the first one decide at once: a target that is down is not flooded. */
    private static final int FAILURES_MAX = 100;

    private final Throttle throttle;
    private final Slots slots;
    private final LedgerClock clock;
    private final WakeTimer wake;
    /** Oldest first. */
    private final ArrayDeque<Failure> failures = new ArrayDeque<>();

    private Instant since = Instant.EPOCH;
    private long sinceMillis;
    private long sinceNumber;
    private int sentSince;

    /**
     * @param part whose changes they are
     * @param number of the failure
     * @param repeated whether another change succeeded after this one had failed before
     */
    record Failure(OutcomeTaker part, List<PendingChange> batch, Outcome outcome, long number, boolean repeated) {
        /** The changes are to blame. */
        void decide() {
            part.decide(batch, outcome);
        }

        /** The target is to blame. */
        void spare() {
            part.spare(batch, outcome);
        }
    }

    /** @param wake rings when {@link #blame} is worth asking again */
    UndecidedFailures(Throttle throttle, Slots slots, LedgerClock clock, WakeTimer wake) {
        this.throttle = throttle;
        this.slots = slots;
        this.clock = clock;
        this.wake = wake;
    }

    void add(OutcomeTaker part, List<PendingChange> batch, Outcome outcome, boolean repeated) {
        long number = throttle.nextNumber();
        if (failures.isEmpty()) {
            startDoubt(number);
        }
        failures.add(new Failure(part, batch, outcome, number, repeated));
        sentSince += batch.get(0).sent() > sinceNumber ? 1 : 0;
    }

    private void startDoubt(long number) {
        since = clock.instant();
        sinceMillis = clock.monotonicMillis();
        sinceNumber = number;
        sentSince = 0;
    }

    /** Something sent under this number succeeded: removes what had failed before it was sent, whose changes are to blame. */
    List<Failure> removeBefore(long sent) {
        List<Failure> decided = new ArrayList<>();
        while (!failures.isEmpty() && failures.element().number() < sent) {
            decided.add(failures.remove());
        }
        if (!failures.isEmpty()) {
            startDoubt(throttle.nextNumber());
        }
        return decided;
    }

    /** Who is to blame for all that is here. */
    Blame blame() {
        if (failures.isEmpty()) {
            return Blame.UNKNOWN;
        }
        if (sentSince >= FAILURES_MAX) {
            return Blame.TARGET;
        }
        boolean waitForOthers = failures.size() < FAILURES_ENOUGH && slots.size() > 0;
        long leftMillis = sinceMillis + (waitForOthers ? OTHERS_MILLIS : DOUBT_MILLIS) - clock.monotonicMillis();
        if (leftMillis > 0) {
            wake.in(leftMillis);
            return Blame.UNKNOWN;
        }
        return failures.stream().allMatch(Failure::repeated) ? Blame.CHANGE : Blame.TARGET;
    }

    /** When the first of those that are here failed, or the last success came after it. */
    Instant since() {
        return since;
    }

    List<Failure> removeAll() {
        List<Failure> all = new ArrayList<>(failures);
        failures.clear();
        return all;
    }

    /** A shard's dispatcher is closed: its changes are sent again after the next start. */
    void forget(OutcomeTaker part) {
        failures.removeIf(failure -> failure.part() == part);
    }
}
