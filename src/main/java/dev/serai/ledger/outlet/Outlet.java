package dev.serai.ledger.outlet;

import dev.serai.ledger.chain.TargetRecorder;
import dev.serai.ledger.delivery.Blame;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.time.LedgerClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all shards of a ledger share towards one target: the deliveries under way, the circuit, the rate, the memory for
 * bodies, and the failures of which nobody knows yet who is to blame. Each shard's dispatcher takes part, and what they have to
 * send is sent in turn.
 *
 * <p>Threads: its lock guards the state of all of its dispatchers; it is never held while the target or the store is called.
 */
public final class Outlet {
    private static final Logger LOG = LoggerFactory.getLogger(Outlet.class);

    private final TargetName name;
    private final TargetOptions options;
    private final LedgerClock clock;
    private final LongSupplier windowBytes;
    private final IntSupplier heldKeys;
    private final Slots slots;
    private final SlotRecall recall;
    private final Throttle throttle;
    private final UndecidedFailures undecided;
    private final WakeTimer wake;
    private final OutletParts parts = new OutletParts();

    /** A batch to be sent once the lock is free. */
    private record Departure(OutletPart part, List<PendingChange> batch) {}

    /**
     * @param windowBytes how many bytes of bodies the target may hold in memory now, of new changes and of stuck keys each
     * @param heldKeys how many stuck keys it may know for sure now
     * @param nodes how many nodes deliver to the target now, each in its shards
     */
    public Outlet(
            TargetName name,
            TargetOptions options,
            Circuit circuit,
            LedgerSettings settings,
            TargetRecorder recorder,
            LongSupplier windowBytes,
            IntSupplier heldKeys,
            IntSupplier nodes) {
        this.clock = settings.clock();
        this.name = name;
        this.options = options;
        this.windowBytes = windowBytes;
        this.heldKeys = heldKeys;
        this.slots = new Slots(options.concurrency(), clock::monotonicMillis);
        this.recall = new SlotRecall(slots);
        this.throttle = new Throttle(name, circuit, options, nodes, settings, recorder);
        this.wake = new WakeTimer(settings.scheduler(), clock, this::look);
        this.undecided = new UndecidedFailures(throttle, recall, slots, clock, wake);
    }

    public synchronized void join(OutletPart part) {
        parts.add(part);
    }

    public void leave(OutletPart part) {
        act(() -> undecided.forget(parts.remove(part)));
    }

    public Circuit circuit() {
        return throttle.circuit();
    }

    public RecentOutcomes.Summary recent() {
        return throttle.recent().summary();
    }

    /** How many bytes of bodies each part may hold in memory now. */
    public long windowBytes() {
        return windowBytes.getAsLong() / Math.max(1, parts.size());
    }

    /** How many stuck keys each part may know for sure now. */
    public int heldKeys() {
        return Math.max(1, heldKeys.getAsInt() / Math.max(1, parts.size()));
    }

    // ---- Changes of state

    /** Changes the state of a part under the lock, then sends without it what may now be sent. */
    public void update(OutletPart part, Runnable change) {
        act(() -> {
            change.run();
            review();
            part.readOn().run();
        });
    }

    /** Another node probes the target while it is down, or does not any more; or the target came up again there. */
    public void heard(boolean isProbed, boolean isBack) {
        act(() -> throttle.heard(isProbed, isBack));
    }

    /** As an update without a change, for all parts: it is time for something. */
    private void look() {
        act(() -> {
            review();
            parts.forEach(part -> part.readOn().run());
        });
    }

    private void act(Runnable change) {
        List<Departure> departures = new ArrayList<>(1);
        List<Slot> recalled = new ArrayList<>(0);
        try {
            synchronized (this) {
                change.run();
                boolean more = true;
                while (more) {
                    more = sendNext(departures);
                }
                recallSlow(recalled);
            }
        } finally { // what was picked is under way, whatever happened after that
            departures.forEach(departure -> departure.part().send().accept(departure.batch()));
        }
        recall(recalled);
    }

    // ---- Sending

    /** Sends one batch, if one is ready and may go. */
    private boolean sendNext(List<Departure> departures) {
        OutletParts.Choice choice = slots.isFull() ? null : parts.next();
        if (choice == null) {
            return false;
        }
        if (!throttle.tryPass()) {
            wake.in(throttle.untilNext().toMillis());
            return false;
        }
        OutletParts.Choice probe = throttle.isUp() ? null : parts.probe(circuit());
        OutletPart part = probe == null ? choice.part() : probe.part();
        SendLane lane = probe == null ? choice.lane() : probe.lane();
        parts.had(part);
        List<PendingChange> batch = part.source().take(lane, throttle.most(options.batchSize()));
        if (batch.isEmpty()) { // all that was ready waits for others of its record
            throttle.giveBack();
            return true;
        }
        Slot slot = new Slot(part, lane, clock.monotonicMillis(), batch);
        slots.take(slot);
        part.source().sent(batch, slot);
        throttle.sent(batch);
        departures.add(new Departure(part, batch));
        return true;
    }

    /** Whether the lane may use one more delivery. */
    public boolean hasRoom(SendLane lane) {
        boolean room = slots.hasRoom(lane, circuit().hasSucceeded());
        if (!room && lane == SendLane.UNPROVEN) {
            wake.in(Slots.SLOW_MILLIS); // then those under way are slow, and there is more room
        }
        return room;
    }

    /** Whether a delivery takes so long that it may hang. */
    public boolean hasSlow() {
        return slots.hasSlow();
    }

    public boolean isUp() {
        return throttle.isUp();
    }

    public boolean hasFailed(long keyHash) {
        return circuit().hasFailed(keyHash);
    }

    // ---- Outcomes

    /** Nothing of a batch was sent. */
    public void giveBack() {
        throttle.giveBack();
    }

    /** A delivery has ended. */
    public void free(Slot slot) {
        slots.free(slot);
    }

    /** Decides what follows from the outcome of a delivery, or waits until it is known who is to blame. */
    public void settle(Slot slot, List<PendingChange> batch, Outcome outcome) {
        OutcomeTaker outcomes = slot.part().outcomes();
        if (slot.isRecalled() && !outcome.isAnswer()) {
            outcomes.repeat(
                    batch,
                    "no answer within " + recall.slowMillis() + " ms from a target that answers within "
                            + recall.usualMillis() + " ms, and others waited: ended early, tried again, not counted");
            return;
        }
        Blame blame;
        try {
            blame = throttle.learn(outcome, batch, slot.ageMillis(clock.monotonicMillis()));
        } catch (RuntimeException | Error e) {
            outcomes.sendAgain(batch, outcome, e);
            return;
        }
        switch (blame) {
            case CHANGE -> outcomes.decide(batch, outcome);
            case TARGET -> outcomes.spare(batch, outcome);
            case UNKNOWN -> undecided.add(outcomes, batch, outcome, false);
            case PROBABLY_CHANGE -> undecided.add(outcomes, batch, outcome, true);
        }
        if (outcome instanceof Outcome.Delivered) {
            recall.succeeded(slot.ageMillis(clock.monotonicMillis()));
            undecided.removeBefore(batch.get(0).sent()).forEach(UndecidedFailures.Failure::decide);
        }
        if (outcome instanceof Outcome.Gone gone) {
            parts.forEach(part -> part.outcomes().pauseForGood(gone.error()));
        }
    }

    /** Decides about failures when no success has decided about them in time. */
    private void review() {
        Blame blame = undecided.blame();
        if (blame == Blame.UNKNOWN) {
            return;
        }
        Instant since = undecided.since();
        List<UndecidedFailures.Failure> failures = undecided.removeAll();
        if (blame == Blame.CHANGE) {
            failures.forEach(UndecidedFailures.Failure::decide);
        } else {
            throttle.open(failures.get(failures.size() - 1).outcome(), since);
            failures.forEach(UndecidedFailures.Failure::spare);
        }
    }

    // ---- Ending slow deliveries early

    /** Chooses what is ended early, if all slots are taken and others wait. */
    private void recallSlow(List<Slot> chosen) {
        long now = clock.monotonicMillis();
        long untilNext = slots.isFull() ? recall.untilNext(now) : -1;
        if (untilNext < 0 || throttle.isQuiet() || parts.next() == null) {
            return;
        }
        if (untilNext > 0) {
            wake.in(untilNext);
            return;
        }
        chosen.addAll(recall.choose(now));
        if (recall.isWorthWaiting()) {
            wake.in(recall.untilNext(now));
        }
    }

    private void recall(List<Slot> chosen) {
        long ended = chosen.stream().filter(this::recall).count();
        if (ended > 0) {
            LOG.warn(
                    "{}: deliveries without an answer for {} ms hold all {} slots, and others wait, although it usually"
                            + " answers within {} ms: {} of them are ended early and tried again",
                    name,
                    recall.slowMillis(),
                    slots.all(),
                    recall.usualMillis(),
                    ended);
        }
    }

    private boolean recall(Slot slot) {
        boolean ends = false;
        try {
            ends = slot.part().recall().test(slot.batch());
        } catch (RuntimeException | Error e) {
            LOG.error("{} cannot end a delivery early", name, e);
        }
        if (!ends) {
            synchronized (this) {
                slot.exempt();
            }
        }
        return ends;
    }
}
