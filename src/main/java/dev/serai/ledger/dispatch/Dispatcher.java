package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.target.Circuit;
import dev.serai.ledger.target.Outcome;
import dev.serai.ledger.target.Reply;
import dev.serai.ledger.target.Target;
import dev.serai.ledger.target.TargetOptions;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a flow's changes to one target: in order per key, several keys at once, again when it failed.
 *
 * <p>A change that fails gets a waiting row, and later changes of its key get parked rows, so that the position moves on
 * and nobody else waits. See docs/architecture.md.
 *
 * <p>Threads: all state is guarded by this object's lock, which is never held while the target or the store is called.
 */
public final class Dispatcher implements Sender.Results {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final Duration BUSY_RETRY = Duration.ofMillis(100);
    private static final Duration POSITION_DELAY = Duration.ofSeconds(1);

    private final TargetName name;
    private final TargetOptions options;
    private final Store store;
    private final Writer writer;
    private final WaiterRegistry waiters;
    private final LedgerSettings settings;
    private final InstantSource clock;

    private final Backlog backlog;
    private final KeyQueues keys = new KeyQueues();
    private final StuckKeys held = new StuckKeys();
    private final Throttle valve;
    private final SendQueue departures = new SendQueue(keys, held);
    private final InFlight inFlight = new InFlight();
    private final Sender sender;
    private final @Nullable VersionGuard guard;

    private boolean running;
    private boolean started;
    private boolean paused;
    private boolean suspended;
    private boolean closed;
    /** An operator acted since the stored state was read. */
    private boolean stale;
    /** The store may hold due changes that were not read yet. */
    private boolean moreDue;

    private final WakeTimer wake;
    private final WakeTimer due;
    private final WakeTimer savePosition;

    public Dispatcher(
            TargetName name,
            TargetOptions options,
            Target target,
            Circuit circuit,
            Store store,
            Writer writer,
            WaiterRegistry waiters,
            LedgerSettings settings) {
        this.name = name;
        this.options = options;
        this.store = store;
        this.writer = writer;
        this.waiters = waiters;
        this.settings = settings;
        this.clock = settings.clock();
        this.backlog = new Backlog(settings.limits());
        this.valve = new Throttle(name, circuit, options.ratePerSecond(), clock);
        this.guard = options.versionGuard() ? new VersionGuard(name, store) : null;
        this.sender = new Sender(name, target, guard, settings.scheduler(), this);
        this.wake = new WakeTimer(settings.scheduler(), clock, () -> update(() -> {}));
        this.due = new WakeTimer(settings.scheduler(), clock, () -> update(() -> moreDue = true));
        this.savePosition = new WakeTimer(settings.scheduler(), clock, this::savePositionIfRunning);
    }

    /** Changes state under the lock, then starts what may start outside of it. Every way in goes through here. */
    private void update(Runnable change) {
        List<List<PendingChange>> starts;
        synchronized (this) {
            change.run();
            readOn();
            starts = pickStarts();
        }
        starts.forEach(sender::send);
    }

    // ---- Starting and stopping

    /** Goes on from where the store says; throws {@link StoreException} if it cannot be read or written. */
    void start() {
        new OrphanRelease(name, options, store, writer, clock).release();
        while (!tryStart()) {
            LOG.debug("An operator acted on {} while it started, reading its state again", name);
        }
    }

    private boolean tryStart() {
        synchronized (this) {
            stale = false;
        }
        TargetCounts counts = store.counts(name);
        List<Long> heldBefore = new ArrayList<>();
        store.heldKeys(name, options.blockOnDeadLetter(), heldBefore::add);
        update(() -> {
            if (!stale) {
                paused = counts.paused();
                backlog.start(counts.position());
                heldBefore.forEach(held::hold);
                moreDue = true;
                running = true;
                started = true;
            }
        });
        return isRunning();
    }

    private synchronized boolean isRunning() {
        return running;
    }

    /** Starts nothing more; what is on its way goes on and is recorded. */
    synchronized void stop() {
        running = false;
        held.dropReady();
    }

    /** Waits until nothing is on its way; says whether that was reached in time. */
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

    /** Whether it knows a position: before it was started it does not. */
    synchronized boolean wasStarted() {
        return started;
    }

    /** From now on outcomes are ignored: what is still on its way will be delivered again. */
    synchronized void close() {
        closed = true;
    }

    private void savePositionIfRunning() {
        if (isRunning()) {
            savePosition();
        }
    }

    /** Submits the position. Once the dispatcher is closed, this is the last that it writes. */
    synchronized WorkWrite<Boolean> savePosition() {
        WorkWrite<Boolean> write = new WorkWrite<>(false, transaction -> {
            transaction.position(name, position());
            return true;
        });
        writer.submit(write);
        return write;
    }

    private synchronized long position() {
        return backlog.position();
    }

    /** Stops or goes on as an operator says. */
    public void pause(boolean pause) {
        update(() -> {
            stale = true;
            paused = pause;
            stopOrGoOn();
        });
    }

    /** Stops or goes on as the route does. */
    void suspend(boolean suspend) {
        update(() -> {
            suspended = suspend;
            stopOrGoOn();
        });
    }

    private void stopOrGoOn() {
        moreDue = true;
        if (!isActive()) {
            held.dropReady();
        }
    }

    private boolean isActive() {
        return running && !paused && !suspended;
    }

    // ---- What others see

    TargetName name() {
        return name;
    }

    public Circuit circuit() {
        return valve.circuit();
    }

    /** How many changes are on their way: those without a delivery row, and those waiting by their row. */
    public synchronized int[] inFlightCounts() {
        return new int[] {inFlight.pending(), inFlight.waiting()};
    }

    public synchronized boolean isDelivering(long sequence) {
        return inFlight.contains(sequence);
    }

    // ---- Taking changes in

    /** New changes of the flow are durable. Called by the writer, in commit order. */
    void committed(List<Entry> entries) {
        update(() -> {
            for (Entry entry : entries) {
                if (backlog.takesFromCommit(entry, isActive() && hasRoomForHeldKeys())) {
                    take(entry);
                }
            }
        });
    }

    /** The store was opened anew: what was committed meanwhile has to be read. */
    void resync() {
        update(() -> {
            backlog.resync();
            moreDue = true;
        });
    }

    private boolean hasRoomForHeldKeys() {
        return held.size() < settings.limits().heldKeysMax();
    }

    /**
     * Puts a change behind the others of its key. It is parked only when all before it have their rows: else a crash could
     * leave one of them pending behind it.
     */
    private void take(Entry entry) {
        PendingChange item = PendingChange.pending(entry, options.ordered());
        backlog.take(item);
        if (!held.isEmpty() && held.contains(item.keyHash()) && !keys.contains(item.keyHash())) {
            park(item);
        } else if (options.coalesce()) {
            keys.replaceWaiting(item).forEach(replaced -> settle(replaced, Decision.REPLACED));
        } else {
            keys.add(item);
        }
    }

    private void readOn() {
        if (!isActive()) {
            return;
        }
        Backlog.Read read = hasRoomForHeldKeys() ? backlog.nextRead() : null;
        if (read != null) {
            settings.scheduler().execute(() -> readBacklog(read));
        }
        if (moreDue && !held.isReading() && held.inHand() < 2 * options.concurrency()) {
            moreDue = false;
            held.startRead();
            int limit = 2 * options.concurrency() + held.inHand();
            settings.scheduler().execute(() -> readDue(limit));
        }
    }

    private void readBacklog(Backlog.Read read) {
        List<Entry> entries = readOr(() -> store.pending(name, read.after(), read.limit(), read.bytesMax()));
        if (entries == null) {
            settings.scheduler()
                    .schedule(() -> update(backlog::failRead), STORE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        update(() -> {
            if (!running) {
                backlog.failRead();
                return;
            }
            entries.forEach(this::take);
            backlog.endRead(read, entries);
        });
    }

    private void readDue(int limit) {
        Instant now = clock.instant();
        List<DueChange> changes = readOr(() -> store.due(name, now, limit));
        Instant next = readOr(() -> store.nextDue(name, now).orElse(Instant.MAX));
        update(() -> {
            List<DueChange> found = changes == null ? List.of() : changes;
            int taken = 0;
            for (DueChange change : found) {
                taken += takeHeld(change) ? 1 : 0;
            }
            held.endRead();
            moreDue |= found.size() == limit;
            if (taken < found.size()) {
                due.in(BUSY_RETRY.toMillis());
            }
            if (next != null && next.isBefore(Instant.MAX)) {
                due.at(next.toEpochMilli());
            }
        });
    }

    /** Takes a due change in hand to send it, unless its key is busy; says whether it did. */
    private boolean takeHeld(DueChange change) {
        PendingChange item = isActive() && !keys.contains(change.keyHash()) ? held.take(change) : null;
        if (item == null) {
            return false;
        }
        if (options.coalesce() && item.isFollowed()) {
            finish(item, Decision.REPLACED);
        } else {
            held.putBack(item);
        }
        return true;
    }

    /** Reads the store; after a failure gives null and sees that reading is tried again. */
    private <T> @Nullable T readOr(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (StoreException e) {
            LOG.debug("Reading for {} failed, trying again: {}", name, e.getMessage());
            due.in(STORE_RETRY.toMillis());
            return null;
        } catch (RuntimeException e) {
            LOG.error("Reading for {} failed, trying again", name, e);
            due.in(STORE_RETRY.toMillis());
            return null;
        }
    }

    // ---- Sending

    private List<List<PendingChange>> pickStarts() {
        List<List<PendingChange>> starts = new ArrayList<>();
        while (mayStart()) {
            // A probe is one change: in each batch could be the same one that fails whatever the target's state.
            List<PendingChange> batch = departures.next(valve.isUp() ? options.batchSize() : 1);
            inFlight.add(batch);
            valve.sent(batch.size());
            starts.add(batch);
        }
        return starts;
    }

    private boolean mayStart() {
        if (!isActive() || inFlight.size() >= options.concurrency() || !departures.hasNext()) {
            return false;
        }
        if (!valve.tryPass()) {
            wake.in(valve.untilNext().toMillis());
            return false;
        }
        return true;
    }

    // ---- What came of it

    @Override
    public void leftOut(List<PendingChange> batch, Map<PendingChange, String> outdated, List<PendingChange> current) {
        update(() -> {
            inFlight.remove(batch);
            outdated.forEach((item, newer) -> finish(item, Decision.outdated(newer)));
            if (current.isEmpty()) {
                valve.giveBack();
                notifyAll();
            } else {
                inFlight.add(current);
            }
        });
    }

    @Override
    public void completed(List<PendingChange> batch, Outcome outcome) {
        update(() -> {
            if (closed) {
                LOG.debug(
                        "Too late, {} to {} will be delivered again: {}",
                        PendingChange.sequences(batch),
                        name,
                        outcome);
                return;
            }
            if (!inFlight.remove(batch)) {
                LOG.warn("A second outcome for {} to {} is ignored: {}", PendingChange.sequences(batch), name, outcome);
                return;
            }
            valve.learn(outcome, batch.get(0).attempts() == 0);
            if (batch.size() > 1 && mayBeOnes(outcome)) {
                departures.split(batch);
            } else {
                batch.forEach(item -> record(item, outcome));
            }
            if (outcome instanceof Outcome.Gone) {
                stopForGood();
            }
            notifyAll();
        });
    }

    /** Whether one change of a batch may be to blame for what came of all. */
    private boolean mayBeOnes(Outcome outcome) {
        return outcome instanceof Outcome.Refused
                || outcome instanceof Outcome.Gone
                || (outcome instanceof Outcome.Failed failed && failed.counts(valve.isUp()));
    }

    private void record(PendingChange item, Outcome outcome) {
        Decision ruling = Decision.of(
                outcome, item.attempts() + 1, valve.isUp(), options.redelivery(), clock.instant(), settings.random());
        if (ruling.isAttempt()) {
            item.countAttempt();
        }
        switch (ruling.state()) {
            case DELIVERED -> {
                if (guard != null) {
                    guard.delivered(item.entry().change());
                }
                Reply reply = outcome instanceof Outcome.Delivered delivered ? delivered.reply() : null;
                waiters.settled(item.sequence(), name, ruling.state(), null, reply);
                finish(item, ruling);
            }
            case DEAD -> giveUp(item, ruling);
            case WAITING -> {
                settle(item, ruling);
                holdKey(item);
            }
            default -> departures.putBack(item);
        }
    }

    private void giveUp(PendingChange item, Decision ruling) {
        LOG.warn("Dead letter: {} for {} in attempt {}: {}", item.sequence(), name, item.attempts(), ruling.error());
        if (options.blockOnDeadLetter()) {
            settle(item, ruling);
            holdKey(item);
        } else {
            finish(item, ruling);
        }
    }

    /** The change is over, and the next of its key may go. */
    private void finish(PendingChange item, Decision ruling) {
        if (item.isStored()) {
            held.startRelease(item.keyHash());
            settle(item, ruling);
        } else if (held.contains(item.keyHash())) { // since a dead letter of the key was replayed meanwhile
            settle(item, ruling);
            keys.removeLine(item).forEach(this::park);
        } else {
            keys.remove(item);
            settle(item, ruling);
        }
    }

    private void stopForGood() {
        LOG.error("{} answered that it is gone for good (410): it is paused until resumed", name);
        paused = true;
        held.dropReady();
        writer.submit(new WorkWrite<>(
                false,
                transaction -> {
                    transaction.pause(name, true);
                    return true;
                },
                paused -> {}));
    }

    /** Comes after the head's own row: parked changes without a head to wait for would be left behind by a crash. */
    private void holdKey(PendingChange head) {
        if (!head.isStored()) {
            held.hold(head.keyHash());
            keys.removeLine(head).forEach(this::park);
        }
    }

    private void park(PendingChange item) {
        held.hold(item.keyHash());
        settle(item, Decision.PARKED);
    }

    private void settle(PendingChange item, Decision ruling) {
        DeliveryState state = ruling.state();
        boolean releasesKey =
                item.isStored() && state.isSettled() && !(state == DeliveryState.DEAD && options.blockOnDeadLetter());
        Instant finishedAt = state.isSettled() ? clock.instant() : null;
        Delivery delivery =
                new Delivery(name, state, item.attempts(), ruling.dueAt(), finishedAt, ruling.status(), ruling.error());
        SettleWrite write = new SettleWrite(item, delivery, releasesKey, clock, this::settled);
        if (state == DeliveryState.PARKED && options.coalesce()) {
            write.replacingParked();
        }
        if (state == DeliveryState.DELIVERED && guard != null) {
            write.withDeliveredVersion(item.entry().change().version());
        }
        writer.submit(write);
    }

    /** An outcome is durable. Called by the writer. */
    private void settled(SettleWrite write) {
        PendingChange item = write.item();
        Delivery delivery = write.delivery();
        Duration age = Duration.between(item.entry().acceptedAt(), clock.instant());
        update(() -> {
            if (item.isStored()) {
                held.finished(item);
            } else {
                backlog.finish(item);
            }
            if (write.releasesKey()) {
                released(item.keyHash(), write.next(), write.isKeyStillHeld());
            }
            if (delivery.dueAt() != null) {
                due.at(delivery.dueAt().toEpochMilli());
            }
            savePosition.in(POSITION_DELAY.toMillis());
        });
        waiters.settled(item.sequence(), name, delivery.state(), delivery.error(), null);
        for (long replaced : write.replaced()) {
            waiters.settled(replaced, name, DeliveryState.SUPERSEDED, null, null);
        }
        if (delivery.state() != DeliveryState.PARKED) {
            settings.listener().settled(name, delivery.state(), age);
        }
    }

    // ---- DueChange keys

    /** Dead letters of these keys were set to be delivered again. */
    public void replayed(Collection<String> replayedKeys) {
        update(() -> {
            stale = true;
            for (String key : replayedKeys) {
                held.hold(Hash.of(key));
                keys.removeUnsent(Hash.of(key)).forEach(this::park);
            }
            moreDue = true;
        });
    }

    /** A dead letter of the key was discarded, and may have held it back. */
    public void release(String key) {
        update(() -> {
            stale = true;
            if (held.contains(Hash.of(key))) {
                submitRelease(Hash.of(key));
            }
        });
    }

    private void released(long keyHash, @Nullable DueChange next, boolean stillHeld) {
        if (held.endRelease(keyHash, stillHeld)) {
            submitRelease(keyHash);
        }
        boolean taken = next != null && takeHeld(next);
        moreDue |= stillHeld && !taken;
    }

    /** Looks for the next held change of a key whose head is gone. */
    private void submitRelease(long keyHash) {
        if (closed) {
            return;
        }
        held.startRelease(keyHash);
        writer.submit(new WorkWrite<>(
                false,
                transaction -> SettleWrite.Next.of(transaction, name, keyHash, clock.instant()),
                found -> update(() -> released(keyHash, found.change(), found.keyHeld()))));
    }
}
