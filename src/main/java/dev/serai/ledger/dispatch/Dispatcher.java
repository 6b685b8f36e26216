package dev.serai.ledger.dispatch;

import dev.serai.ledger.chain.TargetRecorder;
import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RecentOutcomes;
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
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.outlet.OutletPart;
import dev.serai.ledger.outlet.Slot;
import dev.serai.ledger.outlet.WakeTimer;
import dev.serai.ledger.stuck.HeldKeyScan;
import dev.serai.ledger.stuck.StuckKeys;
import dev.serai.ledger.time.TimeSource;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the changes of a flow to one target: in order per key, several keys at once, again after a failure.
 *
 * <p>A change that fails gets a waiting row, and later changes of its key get parked rows, so that the position moves on
 * and other keys continue. See docs/architecture.md.
 *
 * <p>Threads: all state is guarded by the lock of its outlet, "its dispatcher's lock" for the classes below, which is never held
 * while the target or the store is called.
 */
public final class Dispatcher implements Sender.Results {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final TargetName name;
    private final Outlet outlet;
    private final OutletPart part;
    private final Store store;
    private final TimeSource clock;
    private final RunState state = new RunState();
    private final Backlog backlog;
    private final StuckKeys held;
    private final HeldKeyScan heldKeyScan;
    private final OutcomeWriter outcomes;
    private final KeyBlocker blocker;
    private final StoreReader reader;
    private final InFlight inFlight;
    private final SendQueue sendQueue;
    private final OutcomeSettler settler;
    private final Sender sender;

    private final DispatcherStart start;
    private final DeliveryDeadline deadline;
    private final PositionSaver positionSaver;
    private final DurableOutcomes durableOutcomes;
    private final OperatorCommands operator;

    /** @param outlet shared with the dispatchers that other shards have for the target */
    public Dispatcher(
            TargetName name,
            TargetOptions options,
            Target target,
            Outlet outlet,
            TargetRecorder recorder,
            Store store,
            Writer writer,
            WaiterRegistry waiters,
            LedgerSettings settings) {
        this.name = name;
        this.outlet = outlet;
        this.store = store;
        this.clock = settings.clock();
        this.inFlight = new InFlight(outlet);
        this.held = new StuckKeys(outlet::heldKeys);
        this.backlog = new Backlog(settings.limits(), outlet::windowBytes);
        KeyQueues keys = new KeyQueues(outlet.circuit()::hasSucceeded);
        VersionGuard guard = options.versionGuard() ? new VersionGuard(name, store) : null;
        this.outcomes = new OutcomeWriter(name, options, writer, waiters, settings, guard, this::settled);
        // What is in hand when a read begins may come in addition to what it returns.
        LongSupplier stuckBytes = () -> outlet.windowBytes() / 2;
        this.heldKeyScan = new HeldKeyScan(name, store, writer, settings, held, outcomes, this::update);
        this.blocker = new KeyBlocker(
                name, options, settings, stuckBytes, store, writer, state, keys, held, outcomes, this::update);
        this.reader = new StoreReader(
                name, options, store, settings, stuckBytes, state, backlog, held, blocker, this::update);
        WakeTimer wake = new WakeTimer(settings.scheduler(), settings.clock(), () -> update(() -> {}));
        LeaseGate gate = new LeaseGate(store, wake);
        this.sendQueue = new SendQueue(keys, held, backlog, options, state, outlet, inFlight, gate);
        this.settler = new OutcomeSettler(
                name, options, settings, recorder, writer, state, sendQueue, blocker, outcomes, guard);
        this.sender = new Sender(name, target, guard, settings.scheduler(), gate, this);
        this.deadline = new DeliveryDeadline(name, options, target, settings, inFlight, this, this::update);
        this.positionSaver =
                new PositionSaver(name, writer, settings, () -> read(backlog::position), () -> read(state::isRunning));
        this.start = new DispatcherStart(
                name, options, store, writer, settings.clock(), state, backlog, held, blocker, this::update);
        this.durableOutcomes =
                new DurableOutcomes(options, backlog, held, inFlight, blocker, settler, reader, positionSaver);
        this.operator = new OperatorCommands(outlet.circuit(), state, held, keys, blocker, settler, this::update);
        this.part = new OutletPart(sendQueue, settler, this::readOn, sender::send, sender::recall);
        outlet.join(part);
    }

    /** Changes state under the lock, then sends outside of it what may now be sent. Every entry point goes through here. */
    private void update(Runnable change) {
        outlet.update(part, change);
    }

    private <T> T read(Supplier<T> value) {
        synchronized (outlet) {
            return value.get();
        }
    }

    private void readOn() {
        reader.readOn();
        heldKeyScan.start();
    }

    // ---- Starting and stopping

    /** Starts from the stored position; throws {@link StoreException} if the store cannot be read or written. */
    void start() {
        start.run();
        deadline.start();
    }

    /** Sends nothing more; deliveries under way continue, but for those that wait for a reader, and their outcomes are written. */
    void stop() {
        synchronized (outlet) {
            state.stop();
            blocker.stop();
        }
        sender.stop();
    }

    /** Waits until no delivery is under way; returns whether that was reached in time. */
    boolean awaitQuiet(Duration timeout) throws InterruptedException {
        long deadlineMillis = clock.monotonicMillis() + timeout.toMillis();
        synchronized (outlet) {
            while (inFlight.size() > 0) {
                long leftMillis = deadlineMillis - clock.monotonicMillis();
                if (leftMillis <= 0) {
                    return false;
                }
                clock.waitOn(outlet, leftMillis);
            }
        }
        return true;
    }

    /** Whether it knows a position: it does not before the start. */
    boolean wasStarted() {
        return read(state::wasStarted);
    }

    /** Ignores all later outcomes: changes in flight will be delivered again. */
    void close() {
        synchronized (outlet) {
            state.close();
            sender.close();
            deadline.stop();
            inFlight.end();
        }
        outlet.leave(part);
        outcomes.close();
    }

    /** Submits the position. After {@link #close} it is the last write of this dispatcher. */
    WorkWrite<Boolean> savePosition() {
        return positionSaver.save();
    }

    // ---- State for others

    TargetName name() {
        return name;
    }

    public Circuit circuit() {
        return outlet.circuit();
    }

    /** How many changes are under way: those without a delivery row, those with a waiting row, those with a parked row. */
    public int[] inFlightCounts() {
        return read(inFlight::counts);
    }

    public RecentOutcomes.Summary recent() {
        return outlet.recent();
    }

    /** The memory that the changes of stuck keys take. */
    long bytesOfStuckKeys() {
        return read(blocker::bytesInMemory);
    }

    /** See {@link dev.serai.ledger.delivery.Subscription#mayDeliver}. */
    boolean mayDeliver(long sequence) {
        return store.lapse() == null && read(() -> state.isRunning() && inFlight.contains(sequence));
    }

    /** The sequences of the changes that are under way. */
    public Set<Long> delivering() {
        return read(inFlight::sequences);
    }

    public OperatorCommands operator() {
        return operator;
    }

    // ---- Changes

    /** New changes of the flow are durable. Called by the writer, in commit order. */
    void committed(List<Entry> entries) {
        update(() -> reader.committed(entries));
    }

    /** The store was reopened: changes committed meanwhile must be read. */
    void resync() {
        update(reader::resync);
    }

    // ---- Outcomes

    @Override
    public void leftOut(List<PendingChange> batch, Map<PendingChange, Decision> left, List<PendingChange> rest) {
        update(() -> {
            if (!inFlight.replace(batch, rest)) {
                LOG.warn("{} for {} ended before it was sent", PendingChange.sequences(batch), name);
                return;
            }
            settler.leaveOut(left);
            if (rest.isEmpty()) {
                outlet.giveBack();
            }
            outlet.notifyAll();
        });
    }

    @Override
    public void completed(List<PendingChange> batch, Outcome outcome) {
        update(() -> {
            if (state.isClosed()) {
                LOG.debug("The outcome of {} is late: {}", PendingChange.sequences(batch), outcome);
                return;
            }
            Slot slot = inFlight.remove(batch);
            if (slot == null) {
                List<Long> ended = PendingChange.sequences(batch);
                LOG.warn("A late or second outcome for {} to {} is ignored: {}", ended, name, outcome);
                return;
            }
            sendQueue.attempted(batch, outcome instanceof Outcome.Delivered);
            outlet.settle(slot, batch, outcome);
            sendQueue.ended(batch);
            outlet.notifyAll();
        });
    }

    /** An outcome is durable. Called by the writer. */
    private void settled(SettleWrite write) {
        update(() -> durableOutcomes.apply(write));
    }
}
