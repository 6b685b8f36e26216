package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.Decision;
import dev.serai.ledger.outcome.OutcomeWriter;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outcome.SettleWrite;
import dev.serai.ledger.outcome.VersionGuard;
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.stuck.HeldKeyScan;
import dev.serai.ledger.stuck.StuckKeys;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the changes of a flow to one target: in order per key, several keys at once, again after a failure.
 *
 * <p>A change that fails gets a waiting row, and later changes of its key get parked rows, so that the position moves on
 * and other keys continue. See docs/architecture.md.
 *
 * <p>Threads: all state is guarded by this object's lock, which is never held while the target or the store is called.
 */
public final class Dispatcher implements Sender.Results {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final TargetName name;
    private final RunState state = new RunState();
    private final Backlog backlog;
    private final ProvenKeys proven = new ProvenKeys();
    private final KeyQueues keys = new KeyQueues(proven);
    private final StuckKeys held;
    private final HeldKeyScan heldKeyScan;
    private final OutcomeWriter outcomes;
    private final KeyBlocker blocker;
    private final StoreReader reader;
    private final Throttle throttle;
    private final InFlight inFlight = new InFlight();
    private final SendQueue sendQueue;
    private final OutcomeSettler settler;
    private final Sender sender;

    private final DispatcherStart start;
    private final DeliveryDeadline deadline;
    private final PositionSaver positionSaver;
    private final DurableOutcomes durableOutcomes;

    /**
     * @param windowBytes how many bytes of bodies this target may hold in memory now, of new changes and of stuck keys each
     * @param heldKeys how many stuck keys it may know for sure now
     */
    public Dispatcher(
            TargetName name,
            TargetOptions options,
            Target target,
            Circuit circuit,
            Store store,
            Writer writer,
            WaiterRegistry waiters,
            LedgerSettings settings,
            LongSupplier windowBytes,
            IntSupplier heldKeys) {
        this.name = name;
        LedgerClock clock = settings.clock();
        this.held = new StuckKeys(heldKeys);
        this.backlog = new Backlog(settings.limits(), windowBytes);
        VersionGuard guard = options.versionGuard() ? new VersionGuard(name, store) : null;
        this.outcomes = new OutcomeWriter(name, options, writer, waiters, settings, guard, this::settled);
        // What is in hand when a read begins may come in addition to what it returns.
        LongSupplier stuckBytes = () -> windowBytes.getAsLong() / 2;
        this.heldKeyScan = new HeldKeyScan(name, store, writer, settings, held, outcomes, this::update);
        this.blocker = new KeyBlocker(
                name, options, settings, stuckBytes, store, writer, state, keys, held, outcomes, this::update);
        this.reader = new StoreReader(
                name, options, store, settings, stuckBytes, state, backlog, held, blocker, this::update);
        this.throttle = new Throttle(name, circuit, options, clock);
        WakeTimer wake = new WakeTimer(settings.scheduler(), clock, () -> update(() -> {}));
        this.sendQueue = new SendQueue(
                keys, held, backlog, options, state, throttle, proven, inFlight, wake, clock::monotonicMillis);
        UndecidedFailures undecided = new UndecidedFailures(throttle, inFlight, clock, wake);
        this.settler = new OutcomeSettler(
                name, options, settings, writer, state, throttle, undecided, sendQueue, blocker, outcomes, guard);
        this.sender = new Sender(name, target, guard, settings.scheduler(), this);
        this.deadline = new DeliveryDeadline(name, options, target, settings.scheduler(), inFlight, this, this::update);
        this.positionSaver = new PositionSaver(name, writer, settings, this::position, this::isRunning);
        this.start = new DispatcherStart(name, options, store, writer, clock, state, backlog, held, this::update);
        this.durableOutcomes = new DurableOutcomes(options, backlog, held, inFlight, blocker, reader, positionSaver);
    }

    /** Changes state under the lock, then sends outside of it what may now be sent. Every entry point goes through here. */
    private void update(Runnable change) {
        List<List<PendingChange>> batches = new ArrayList<>();
        try {
            synchronized (this) {
                change.run();
                settler.review();
                reader.readOn();
                heldKeyScan.start();
                sendQueue.pick(batches);
            }
        } finally { // what was picked is under way, whatever happened after that
            batches.forEach(sender::send);
        }
    }

    // ---- Starting and stopping

    /** Starts from the stored position; throws {@link StoreException} if the store cannot be read or written. */
    void start() {
        start.run();
        deadline.start();
    }

    private synchronized boolean isRunning() {
        return state.isRunning();
    }

    /** Sends nothing more; deliveries under way continue and their outcomes are written. */
    synchronized void stop() {
        state.stop();
        blocker.stop();
    }

    /** Waits until no delivery is under way; returns whether that was reached in time. */
    synchronized boolean awaitQuiet(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (inFlight.size() > 0) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMillis <= 0) {
                return false;
            }
            wait(leftMillis);
        }
        return true;
    }

    /** Whether it knows a position: it does not before the start. */
    synchronized boolean wasStarted() {
        return state.wasStarted();
    }

    /** Ignores all later outcomes: changes in flight will be delivered again. */
    void close() {
        synchronized (this) {
            state.close();
            deadline.stop();
        }
        outcomes.close();
    }

    /** Submits the position. After {@link #close} it is the last write of this dispatcher. */
    synchronized WorkWrite<Boolean> savePosition() {
        return positionSaver.save();
    }

    private synchronized long position() {
        return backlog.position();
    }

    /** Pauses or resumes, as an operator asked. */
    public void pause(boolean pause) {
        update(() -> {
            state.stale = true;
            state.paused = pause;
            activityChanged();
        });
    }

    /** Suspends or resumes, as the route does. */
    void suspend(boolean suspend) {
        update(() -> {
            state.suspended = suspend;
            activityChanged();
        });
    }

    private void activityChanged() {
        held.expectDue();
        if (!state.isActive()) {
            blocker.deactivate();
        }
    }

    // ---- State for others

    TargetName name() {
        return name;
    }

    public Circuit circuit() {
        return throttle.circuit();
    }

    /** How many changes are under way: those without a delivery row, those with a waiting row, those with a parked row. */
    public synchronized int[] inFlightCounts() {
        return inFlight.counts();
    }

    /** Deliveries since the start that had no outcome in time. */
    public synchronized long timedOut() {
        return deadline.expired();
    }

    /** The bodies of the changes of stuck keys that are in memory. */
    synchronized long bytesOfStuckKeys() {
        return blocker.bytesInMemory();
    }

    public synchronized boolean isDelivering(long sequence) {
        return inFlight.contains(sequence);
    }

    // ---- Changes and operators

    /** New changes of the flow are durable. Called by the writer, in commit order. */
    void committed(List<Entry> entries) {
        update(() -> reader.committed(entries));
    }

    /** The store was reopened: changes committed meanwhile must be read. */
    void resync() {
        update(reader::resync);
    }

    /** Dead letters will be delivered again: their sequences, by key. */
    public void replayed(Map<String, Set<Long>> letters) {
        update(() -> {
            state.stale = true;
            letters.forEach(blocker::replayed);
        });
    }

    /** Dead letters were discarded, and may have held back their keys: their sequences, by key. */
    public void discarded(Map<String, Set<Long>> letters) {
        update(() -> {
            state.stale = true;
            letters.forEach(blocker::discarded);
        });
    }

    // ---- Outcomes

    @Override
    public void leftOut(List<PendingChange> batch, Map<PendingChange, Decision> left, List<PendingChange> rest) {
        update(() -> {
            if (!inFlight.replace(batch, rest)) {
                LOG.warn("{} for {} ended before it was sent", PendingChange.sequences(batch), name);
                return;
            }
            settler.leaveOut(left, rest.isEmpty());
            notifyAll();
        });
    }

    @Override
    public void completed(List<PendingChange> batch, Outcome outcome) {
        update(() -> {
            if (state.isClosed()) {
                List<Long> again = PendingChange.sequences(batch);
                LOG.debug("The outcome for {} to {} is late, they will be delivered again: {}", again, name, outcome);
                return;
            }
            if (!inFlight.remove(batch)) {
                List<Long> ended = PendingChange.sequences(batch);
                LOG.warn("A late or second outcome for {} to {} is ignored: {}", ended, name, outcome);
                return;
            }
            if (outcome instanceof Outcome.Delivered) {
                batch.forEach(item -> proven.add(item.keyHash()));
            }
            settler.settle(batch, outcome);
            sendQueue.ended(batch);
            notifyAll();
        });
    }

    /** An outcome is durable. Called by the writer. */
    private void settled(SettleWrite write) {
        update(() -> durableOutcomes.apply(write));
    }
}
