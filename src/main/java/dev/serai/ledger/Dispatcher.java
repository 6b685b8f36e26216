package dev.serai.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a flow's changes to one target: in order per key, several keys at once, again when it failed.
 *
 * <p>A change just committed is taken from memory while the target keeps up; otherwise changes are read from the store,
 * a window at a time. A change that fails gets a waiting row, and later changes of its key get parked rows, so that the
 * position moves on. See docs/architecture.md.
 *
 * <p>Threads: all state is guarded by this object's lock, which is never held while the target or the store is called.
 */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final Duration DUE_RETRY = Duration.ofMillis(100);
    private static final Duration POSITION_DELAY = Duration.ofSeconds(1);
    private static final int ERROR_CHARS_MAX = 500;

    private final TargetName name;
    private final TargetOptions options;
    private final Target target;
    private final Circuit circuit;
    private final Store store;
    private final Writer writer;
    private final ScheduledExecutorService scheduler;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Limits limits;
    private final DeliveryListener listener;

    private final Window window;
    private final Keys keys = new Keys();
    private final HeldKeys held = new HeldKeys();
    private final Pace pace = new Pace();
    private final Set<Long> inFlight = new HashSet<>();
    private int inFlightStored;

    private boolean running;
    private boolean paused;
    private boolean suspended;
    /** Every change of the flow up to here was taken in. */
    private long scanned;
    /** The newest change that is known to be in the ledger. */
    private long lastCommitted;
    /** Nothing in the store lies between {@code scanned} and the next commit. */
    private boolean caughtUp;

    private boolean loading;
    private boolean moreDue;
    private boolean positionScheduled;
    private long quietUntilMillis;
    private long wakeAtMillis = Long.MAX_VALUE;
    private long dueAtMillis = Long.MAX_VALUE;

    Dispatcher(
            TargetName name,
            TargetOptions options,
            Target target,
            Circuit circuit,
            Store store,
            Writer writer,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random,
            Limits limits,
            DeliveryListener listener) {
        this.name = name;
        this.options = options;
        this.target = target;
        this.circuit = circuit;
        this.store = store;
        this.writer = writer;
        this.scheduler = scheduler;
        this.clock = clock;
        this.random = random;
        this.limits = limits;
        this.listener = listener;
        this.window = new Window(limits);
    }

    // ---- Starting and stopping

    /** Goes on from where the store says. */
    synchronized void start() {
        TargetCounts counts = store.counts(name);
        scanned = counts.position();
        paused = counts.paused();
        lastCommitted = store.lastSequence();
        store.heldKeys(name, options.blockOnDeadLetter(), held::hold);
        running = true;
        readDue();
        loadIfLow();
    }

    /** Starts nothing more; what is on its way goes on and is recorded. */
    synchronized void stop() {
        running = false;
        held.dropReady();
    }

    /** Waits until nothing is on its way and all that came of it is durable; says whether that was reached in time. */
    boolean awaitQuiet(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (this) {
            while (!inFlight.isEmpty()) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (leftMillis <= 0) {
                    return false;
                }
                wait(leftMillis);
            }
        }
        return true;
    }

    /** Saves the position; what this submits is the last that the dispatcher writes, once it is quiet. */
    synchronized WorkWrite<Boolean> savePosition() {
        long position = position();
        WorkWrite<Boolean> write = new WorkWrite<>(false, transaction -> {
            transaction.position(name, position);
            return true;
        });
        writer.submit(write);
        return write;
    }

    /** Stops or goes on as an operator says. */
    void pause(boolean pause) {
        List<Item> starts;
        synchronized (this) {
            paused = pause;
            starts = stopOrGoOn();
        }
        send(starts);
    }

    /** Stops or goes on as the route does. */
    void suspend(boolean suspend) {
        List<Item> starts;
        synchronized (this) {
            suspended = suspend;
            starts = stopOrGoOn();
        }
        send(starts);
    }

    private List<Item> stopOrGoOn() {
        if (!isActive()) {
            held.dropReady();
        }
        moreDue = true;
        return pump();
    }

    private boolean isActive() {
        return running && !paused && !suspended;
    }

    // ---- What others see

    TargetName name() {
        return name;
    }

    Circuit circuit() {
        return circuit;
    }

    /** How many changes are on their way that have no delivery row, and how many that wait by their row. */
    synchronized int[] inFlightCounts() {
        return new int[] {inFlight.size() - inFlightStored, inFlightStored};
    }

    synchronized boolean isDelivering(long sequence) {
        return inFlight.contains(sequence);
    }

    // ---- Taking changes in

    /** New changes of the flow are durable. Called by the writer, in commit order. */
    void committed(List<Entry> entries) {
        List<Item> starts;
        synchronized (this) {
            for (Entry entry : entries) {
                caughtUp = caughtUp && running && hasRoom();
                if (caughtUp) {
                    take(entry);
                }
                lastCommitted = entry.sequence();
            }
            starts = pump();
        }
        send(starts);
    }

    /** The store was opened anew: what was committed meanwhile has to be read. */
    void resync() {
        long newest = store.lastSequence();
        List<Item> starts;
        synchronized (this) {
            lastCommitted = Math.max(lastCommitted, newest);
            caughtUp = false;
            starts = pump();
        }
        send(starts);
    }

    private boolean hasRoom() {
        return window.hasRoom() && held.size() < limits.heldKeysMax();
    }

    private void take(Entry entry) {
        scanned = entry.sequence();
        Item item = Item.pending(entry);
        window.add(item);
        if (!held.isEmpty() && held.contains(item.keyHash())) {
            park(item);
        } else {
            keys.add(item);
        }
    }

    private void loadIfLow() {
        if (isActive() && !caughtUp && !loading && window.isLow() && held.size() < limits.heldKeysMax()) {
            loading = true;
            scheduler.execute(this::load);
        }
    }

    private void load() {
        long after;
        long newest;
        int limit;
        long bytesMax;
        synchronized (this) {
            after = scanned;
            newest = lastCommitted;
            limit = window.roomForChanges();
            bytesMax = window.roomForBytes();
        }
        List<Entry> entries;
        try {
            entries = store.pending(name, after, limit, bytesMax);
        } catch (StoreException e) {
            LOG.debug("Reading changes for {} failed, trying again: {}", name, e.getMessage());
            scheduler.schedule(this::loadAgain, STORE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        List<Item> starts;
        synchronized (this) {
            loading = false;
            if (!running) {
                return;
            }
            long bytes = 0;
            for (Entry entry : entries) {
                take(entry);
                bytes += entry.change().body().length;
            }
            if (entries.size() < limit && bytes < bytesMax) {
                scanned = Math.max(scanned, newest);
                caughtUp = lastCommitted <= scanned;
            }
            starts = pump();
        }
        send(starts);
    }

    private synchronized void loadAgain() {
        loading = false;
        loadIfLow();
    }

    // ---- Changes that wait

    private void park(Item item) {
        held.parked(item.keyHash());
        settle(item, DeliveryState.PARKED, null, null, null, null);
    }

    private void hold(Item head, List<Item> behind) {
        held.hold(head.keyHash());
        behind.forEach(this::park);
    }

    /** Dead letters of these keys were set to be delivered again. */
    void replayed(Collection<String> keysReplayed) {
        List<Item> starts;
        synchronized (this) {
            for (String key : keysReplayed) {
                held.hold(Hash.of(key));
                keys.removeWaiting(key).forEach(this::park);
            }
            moreDue = true;
            starts = pump();
        }
        send(starts);
    }

    /** A dead letter that held back its key was discarded. */
    synchronized void release(String key) {
        if (held.contains(Hash.of(key))) {
            submitRelease(key);
        }
    }

    private void readDueAt(Instant due) {
        long at = due.toEpochMilli();
        if (at >= dueAtMillis) {
            return;
        }
        dueAtMillis = at;
        schedule(at - clock.millis(), () -> {
            synchronized (this) {
                if (dueAtMillis == at) {
                    dueAtMillis = Long.MAX_VALUE;
                }
                readDue();
            }
        });
    }

    private void readDue() {
        moreDue = true;
        if (isActive() && !held.isReading() && held.inHand() < 2 * options.concurrency()) {
            moreDue = false;
            held.startRead();
            scheduler.execute(this::loadDue);
        }
    }

    private void loadDue() {
        Instant now = clock.instant();
        int limit;
        synchronized (this) {
            limit = 2 * options.concurrency() + held.inHand();
        }
        List<Held> due;
        Instant next;
        try {
            due = store.due(name, now, limit);
            next = store.nextDue(name, now).orElse(Instant.MAX);
        } catch (StoreException e) {
            LOG.debug("Reading waiting changes of {} failed, trying again: {}", name, e.getMessage());
            due = List.of();
            next = now.plus(STORE_RETRY);
        }
        List<Item> starts;
        synchronized (this) {
            int taken = 0;
            for (Held change : due) {
                if (isActive() && !keys.contains(change.entry().change().key()) && held.take(change)) {
                    taken++;
                }
            }
            held.endRead();
            moreDue |= due.size() == limit;
            if (taken < due.size()) {
                next = now.plus(DUE_RETRY);
            }
            if (next.isBefore(Instant.MAX)) {
                readDueAt(next);
            }
            starts = pump();
        }
        send(starts);
    }

    // ---- Sending

    private List<Item> pump() {
        loadIfLow();
        if (moreDue) {
            readDue();
        }
        List<Item> starts = new ArrayList<>();
        while (mayStart()) {
            Item item = held.hasNext() ? held.next() : keys.next();
            if (item == null) {
                throw new IllegalStateException("no change to start for " + name);
            }
            inFlight.add(item.sequence());
            inFlightStored += item.isStored() ? 1 : 0;
            starts.add(item);
        }
        return starts;
    }

    private boolean mayStart() {
        if (!isActive() || inFlight.size() >= options.concurrency() || !(held.hasNext() || keys.hasNext())) {
            return false;
        }
        long now = clock.millis();
        if (now < quietUntilMillis) {
            wakeIn(quietUntilMillis - now);
            return false;
        }
        if (!circuit.tryAcquire()) {
            wakeIn(circuit.untilProbe().toMillis());
            return false;
        }
        if (!pace.tryTake(now)) {
            circuit.release();
            wakeIn(pace.untilNext(now).toMillis());
            return false;
        }
        return true;
    }

    private void wakeIn(long delayMillis) {
        long at = clock.millis() + Math.max(1, delayMillis);
        if (at >= wakeAtMillis) {
            return;
        }
        wakeAtMillis = at;
        schedule(Math.max(1, delayMillis), () -> {
            List<Item> starts;
            synchronized (this) {
                wakeAtMillis = Long.MAX_VALUE;
                starts = pump();
            }
            send(starts);
        });
    }

    private void schedule(long delayMillis, Runnable task) {
        scheduler.schedule(task, Math.max(0, delayMillis), TimeUnit.MILLISECONDS);
    }

    private void send(List<Item> starts) {
        for (Item item : starts) {
            try {
                target.deliver(item.entry(), item.attempts() + 1, outcome -> complete(item, outcome));
            } catch (RuntimeException e) {
                LOG.warn("Delivery of {} to {} could not be started", item.sequence(), name, e);
                complete(item, new Outcome.Interrupted());
            }
        }
    }

    // ---- What came of it

    private void complete(Item item, Outcome outcome) {
        List<Item> starts;
        synchronized (this) {
            if (!inFlight.remove(item.sequence())) {
                LOG.warn("A second outcome for {} to {} is ignored: {}", item.sequence(), name, outcome);
                return;
            }
            inFlightStored -= item.isStored() ? 1 : 0;
            learn(item, outcome);
            record(item, outcome);
            starts = pump();
            notifyAll();
        }
        send(starts);
    }

    private void learn(Item item, Outcome outcome) {
        boolean wasUp = circuit.state() == Circuit.State.CLOSED;
        if (outcome instanceof Outcome.Interrupted) {
            circuit.release();
        } else {
            circuit.record(outcome, item.attempts() == 0);
        }
        boolean isUp = circuit.state() == Circuit.State.CLOSED;
        if (wasUp && !isUp) {
            LOG.warn("{} is down, its changes wait: {}", name, outcome);
        } else if (!wasUp && isUp) {
            LOG.info("{} is back, its backlog drains at a rising pace", name);
            pace.start(clock.millis());
        }
    }

    private void record(Item item, Outcome outcome) {
        if (outcome instanceof Outcome.Delivered delivered) {
            finish(item, DeliveryState.DELIVERED, delivered.status(), null);
        } else if (outcome instanceof Outcome.Refused refused) {
            item.countAttempt();
            giveUp(item, refused.status(), refused.error());
        } else if (outcome instanceof Outcome.Gone gone) {
            item.countAttempt();
            giveUp(item, gone.status(), gone.error());
            stopForGood();
        } else if (outcome instanceof Outcome.Failed failed && (!failed.outage() || isUp())) {
            item.countAttempt();
            retryOrGiveUp(item, failed);
        } else {
            putBack(item);
        }
    }

    private boolean isUp() {
        return circuit.state() == Circuit.State.CLOSED;
    }

    private void putBack(Item item) {
        if (item.isStored()) {
            held.putBack(item);
        } else {
            keys.putBack(item);
        }
    }

    private void retryOrGiveUp(Item item, Outcome.Failed failed) {
        Instant now = clock.instant();
        Duration retryAfter = failed.retryAfter();
        if (retryAfter != null && failed.status() != null && failed.status() == 429) {
            quietUntilMillis = Math.max(quietUntilMillis, now.plus(retryAfter).toEpochMilli());
        }
        if (options.redelivery().isExhausted(item.attempts())) {
            giveUp(item, failed.status(), failed.error());
            return;
        }
        Duration delay = retryAfter != null ? retryAfter : options.redelivery().delayAfter(item.attempts(), random);
        if (!item.isStored()) {
            hold(item, keys.removeLine(item));
        }
        settle(item, DeliveryState.WAITING, now.plus(delay), failed.status(), failed.error(), now);
    }

    private void giveUp(Item item, @Nullable Integer status, String error) {
        LOG.warn(
                "Dead letter: {} could not be delivered to {} after {} attempts: {}",
                item.sequence(),
                name,
                item.attempts(),
                error);
        if (options.blockOnDeadLetter() && !item.isStored()) {
            hold(item, keys.removeLine(item));
            settle(item, DeliveryState.DEAD, null, status, error, clock.instant());
        } else if (options.blockOnDeadLetter()) {
            settle(item, DeliveryState.DEAD, null, status, error, clock.instant());
        } else {
            finish(item, DeliveryState.DEAD, status, error);
        }
    }

    /** The change needs nothing more, and the next of its key may go. */
    private void finish(Item item, DeliveryState state, @Nullable Integer status, @Nullable String error) {
        if (item.isStored()) {
            held.startRelease(item.keyHash());
        } else {
            keys.remove(item);
        }
        settle(item, state, null, status, error, clock.instant());
    }

    private void settle(
            Item item,
            DeliveryState state,
            @Nullable Instant dueAt,
            @Nullable Integer status,
            @Nullable String error,
            @Nullable Instant triedAt) {
        String reason = error == null ? null : shorten(error);
        boolean over = state.isSettled();
        Delivery delivery = new Delivery(name, state, item.attempts(), dueAt, over ? triedAt : null, status, reason);
        Attempt attempt =
                reason == null || triedAt == null ? null : new Attempt(name, item.attempts(), triedAt, status, reason);
        boolean releasesKey = item.isStored() && over && !(state == DeliveryState.DEAD && options.blockOnDeadLetter());
        writer.submit(new SettleWrite(item, delivery, attempt, releasesKey, clock, this::settled));
    }

    private static String shorten(String error) {
        return error.length() <= ERROR_CHARS_MAX ? error : error.substring(0, ERROR_CHARS_MAX) + "…";
    }

    /** An outcome is durable. Called by the writer. */
    private void settled(SettleWrite write) {
        List<Item> starts;
        Item item = write.item();
        Delivery delivery = write.delivery();
        Duration age = Duration.between(item.entry().acceptedAt(), clock.instant());
        synchronized (this) {
            if (item.isStored()) {
                held.finished(item);
            } else {
                window.finish(item);
            }
            if (write.releasesKey()) {
                released(item.key(), write.next(), write.isKeyStillHeld());
            }
            if (delivery.dueAt() != null) {
                readDueAt(delivery.dueAt());
            }
            schedulePosition();
            starts = pump();
        }
        if (delivery.state() != DeliveryState.PARKED) {
            listener.settled(name, delivery.state(), age);
        }
        send(starts);
    }

    private void released(String key, @Nullable Held next, boolean stillHeld) {
        long keyHash = Hash.of(key);
        if (next != null) {
            held.keepHeld(keyHash);
            held.take(next);
        } else if (stillHeld) {
            held.keepHeld(keyHash);
        } else if (!held.endRelease(keyHash)) {
            submitRelease(key);
        }
    }

    /** Looks for the next held change of a key whose head is gone. */
    private void submitRelease(String key) {
        long keyHash = Hash.of(key);
        held.startRelease(keyHash);
        WorkWrite<Released> write = new WorkWrite<>(false, transaction -> {
            Held next = transaction.promote(name, keyHash, clock.instant());
            return new Released(next, next != null || transaction.isHeld(name, keyHash));
        });
        write.done().thenAccept(found -> {
            List<Item> starts;
            synchronized (this) {
                released(key, found.next(), found.stillHeld());
                starts = pump();
            }
            send(starts);
        });
        writer.submit(write);
    }

    private record Released(@Nullable Held next, boolean stillHeld) {}

    private void stopForGood() {
        LOG.error("{} answered that it is gone for good (410): it is paused", name);
        paused = true;
        held.dropReady();
        writer.submit(new WorkWrite<>(false, transaction -> {
            transaction.pause(name, true);
            return true;
        }));
    }

    private void schedulePosition() {
        if (!positionScheduled) {
            positionScheduled = true;
            schedule(POSITION_DELAY.toMillis(), () -> {
                synchronized (this) {
                    positionScheduled = false;
                    savePosition();
                }
            });
        }
    }

    private long position() {
        Item first = window.first();
        return first == null ? scanned : first.sequence() - 1;
    }
}
