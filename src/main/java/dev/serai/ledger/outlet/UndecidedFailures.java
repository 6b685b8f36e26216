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
 * within {@value #DOUBT_MILLIS} ms while everything else fails, the target is to blame. A target that usually takes long, or that
 * fails often, gets more time. A lone change that fails again after another one succeeded in between is to blame itself.
 *
 * <p>Threads: used under its outlet's lock.
 */
final class UndecidedFailures {
    private static final long DOUBT_MILLIS = 1_000;
    /** What is sent now may take so many times as long as usual. */
    private static final int TIMES_USUAL = 3;
    /** With so few failures that they may be chance, others may still tell; those are waited for, but not for ever. */
    private static final long OTHERS_MILLIS = 30_000;
    /** So many failures of what was sent after the first one decide at once: a target that is down is not flooded. */
    private static final int FAILURES_MAX = 100;

    private final Throttle throttle;
    private final SlotRecall recall;
    private final Slots slots;
    private final LedgerClock clock;
    private final WakeTimer wake;
    /** Oldest first. */
    private final ArrayDeque<Failure> failures = new ArrayDeque<>();

    private Instant since = Instant.EPOCH;
    private long sinceMillis;
    private long sinceNumber;
    private int sentSince;
    private long failedMillis;
    /** So many failures are no chance. */
    private int enough;

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

    /**
     * None yet.
     *
     * @param recall knows how long deliveries usually take
     * @param wake rings when {@link #blame} is worth asking again
     */
    UndecidedFailures(Throttle throttle, SlotRecall recall, Slots slots, LedgerClock clock, WakeTimer wake) {
        this.throttle = throttle;
        this.recall = recall;
        this.slots = slots;
        this.clock = clock;
        this.wake = wake;
    }

    void add(OutcomeTaker part, List<PendingChange> batch, Outcome outcome, boolean repeated) {
        long number = throttle.nextNumber();
        if (failures.isEmpty()) {
            startDoubt(number);
        }
        failedMillis = clock.monotonicMillis();
        failures.add(new Failure(part, batch, outcome, number, repeated));
        sentSince += batch.get(0).sent() > sinceNumber ? 1 : 0;
    }

    private void startDoubt(long number) {
        since = clock.instant();
        sinceMillis = clock.monotonicMillis();
        sinceNumber = number;
        sentSince = 0;
        enough = throttle.recent().failuresBeyondChance();
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
        long leftMillis = untilMillis() - clock.monotonicMillis();
        if (leftMillis > 0) {
            wake.in(leftMillis);
            return Blame.UNKNOWN;
        }
        return failures.stream().allMatch(Failure::repeated) ? Blame.CHANGE : Blame.TARGET;
    }

    private long untilMillis() {
        long last = sinceMillis + OTHERS_MILLIS;
        if (failures.size() < enough && slots.size() > 0) {
            return last;
        }
        long until = sinceMillis + Math.max(DOUBT_MILLIS, TIMES_USUAL * recall.usualMillis());
        long untilNext = failures.size() < enough ? failedMillis + DOUBT_MILLIS : until;
        return Math.min(last, Math.max(until, untilNext));
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
