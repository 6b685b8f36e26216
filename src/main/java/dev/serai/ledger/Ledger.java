package dev.serai.ledger;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable ledger between sources and targets.
 *
 * <p>Promise: a change is acknowledged only when it is durable, and from then on it reaches every target of its flow, in
 * order per key, at least once and under a stable id, or becomes a dead letter that is kept.
 *
 * <p>Threads: safe.
 */
public final class Ledger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Duration PURGE_EVERY = Duration.ofMinutes(1);
    private static final Duration PURGE_STEP_PAUSE = Duration.ofMillis(50);
    private static final int PURGE_STEP = 200;

    private final Store store;
    private final Settings settings;
    private final Writer writer;
    private final Gate gate;
    private final Dispatchers dispatchers = new Dispatchers();
    private final DeadLetters deadLetters;
    private volatile boolean draining;

    /**
     * What a ledger runs on.
     *
     * @param scheduler runs delayed tasks and blocking reads, on a few threads
     * @param completions runs what waits for an accept, so that it never runs on the writer's thread
     */
    public record Settings(
            Limits limits,
            Retention retention,
            InstantSource clock,
            RandomGenerator random,
            ScheduledExecutorService scheduler,
            Executor completions,
            DeliveryListener listener) {}

    /** Opens the ledger over a store, which it closes in the end, and starts the writer. */
    public Ledger(Store store, Settings settings) {
        this(store, settings, Writer::new);
    }

    /** For tests that step the writer themselves. */
    Ledger(Store store, Settings settings, Writer.Factory writers) {
        this.store = store;
        this.settings = settings;
        this.writer = writers.create(store, settings.limits(), settings.clock(), dispatchers::committed);
        this.gate =
                new Gate(settings.limits().queuedChangesMax(), settings.limits().queuedBytesMax());
        this.deadLetters = new DeadLetters(store, writer, settings.scheduler(), settings.clock(), dispatchers);
        this.writer.start();
        schedulePurge(PURGE_EVERY);
    }

    // ---- Accepting

    /**
     * Makes a change durable. The future fails with {@link LedgerException}: at once if the change is invalid, too much
     * waits already, or the store cannot be written.
     */
    public CompletableFuture<Receipt> accept(Change change) {
        List<Change> changes = List.of(change);
        try {
            check(changes);
            if (!gate.tryEnter(1, change.body().length)) {
                throw new LedgerException.Overloaded(
                        "more changes arrive than can be made durable; send it again later", Duration.ofSeconds(1));
            }
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
        return submit(changes, null).thenApply(receipts -> receipts.get(0));
    }

    /**
     * Makes changes durable together with the cursor that stands behind them: all or none. Waits while too much is
     * queued already.
     *
     * @param cursor saved in the same transaction, or null
     */
    public CompletableFuture<List<Receipt>> accept(List<Change> changes, @Nullable Cursor cursor)
            throws InterruptedException {
        try {
            check(changes);
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
        gate.enter(changes.size(), AcceptWrite.bytesOf(changes));
        return submit(changes, cursor);
    }

    private CompletableFuture<List<Receipt>> submit(List<Change> changes, @Nullable Cursor cursor) {
        long bytes = AcceptWrite.bytesOf(changes);
        AcceptWrite write = new AcceptWrite(
                changes, cursor, settings.clock(), settings.completions(), () -> gate.leave(changes.size(), bytes));
        writer.submit(write);
        return write.answer();
    }

    private void check(List<Change> changes) {
        if (draining) {
            throw new LedgerException.Overloaded("this node is stopping; send it again", Duration.ofSeconds(5));
        }
        Optional<String> trouble = writer.trouble();
        if (trouble.isPresent()) {
            throw new LedgerException.Unavailable(
                    trouble.get() + "; nothing was accepted, send it again later", new StoreException(trouble.get()));
        }
        for (Change change : changes) {
            checkName("flow", change.flow());
            checkText("id", change.id());
            checkText("key", change.key());
            if (change.version() != null) {
                checkText("version", change.version());
            }
        }
    }

    private static void checkName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new LedgerException.Invalid("the name of a " + what
                    + " is up to 100 letters, digits, dots, dashes or underscores, not \"" + name + "\"");
        }
    }

    private void checkText(String what, String text) {
        if (text.isEmpty()) {
            throw new LedgerException.Invalid("the change has no " + what + ": check the " + what
                    + " expression of the route against what was sent");
        }
        if (text.length() > settings.limits().nameCharsMax()) {
            throw new LedgerException.Invalid("the " + what + " has " + text.length() + " characters, more than the "
                    + settings.limits().nameCharsMax() + " allowed");
        }
        if (text.indexOf('\0') >= 0) {
            throw new LedgerException.Invalid("the " + what + " contains a NUL character");
        }
    }

    // ---- Cursors

    public Optional<Cursor> cursor(String name) {
        return store.cursor(name);
    }

    public List<Cursor> cursors() {
        return store.cursors();
    }

    /** Saves a cursor on its own, for example to read a source again from an earlier point. */
    public CompletableFuture<Void> saveCursor(Cursor cursor) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            transaction.cursor(cursor);
            return true;
        });
        writer.submit(write);
        return write.done().thenApply(done -> null);
    }

    // ---- Delivering

    /**
     * Makes a target known and returns its hold on the flow. From this call on every change of the flow is kept for it.
     *
     * <p>Throws {@link IllegalStateException} if another subscription of the target is open.
     */
    public Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        checkName("flow", name.flow());
        checkName("target", name.target());
        Dispatcher dispatcher = new Dispatcher(name, options, target, circuit, store, writer, settings);
        dispatchers.add(dispatcher);
        try {
            addTarget(name, options.fromEarliest() ? 0 : Transaction.NEWEST);
        } catch (StoreException e) {
            dispatchers.remove(dispatcher);
            throw e;
        }
        return new OpenSubscription(dispatcher);
    }

    /** Also when it is known already: the writer may be about to remove it. */
    private void addTarget(TargetName name, long position) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            transaction.addTarget(name, position);
            return true;
        });
        writer.write(write);
    }

    /**
     * Forgets a target with all that waits for it and its dead letters; a target of that name that comes later is new. The
     * future fails with {@link LedgerException.Invalid} if there is no such target, with {@link LedgerException.InUse} while a
     * subscription of it is open.
     */
    public CompletableFuture<Void> removeTarget(TargetName name) {
        if (!store.knows(name)) {
            return CompletableFuture.failedFuture(unknown(name));
        }
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            // Asked here, on the writer's thread: a subscription is entered first and then adds its target.
            boolean unused = dispatchers.find(name) == null;
            if (unused) {
                transaction.removeTarget(name);
            }
            return unused;
        });
        writer.submit(write);
        return write.done().thenAccept(removed -> {
            if (!removed) {
                throw new LedgerException.InUse("target " + name + " is in use: stop its route first");
            }
        });
    }

    private static LedgerException.Invalid unknown(TargetName name) {
        return new LedgerException.Invalid("there is no target " + name);
    }

    private final class OpenSubscription implements Subscription {
        private final Dispatcher dispatcher;

        OpenSubscription(Dispatcher dispatcher) {
            this.dispatcher = dispatcher;
        }

        @Override
        public void start() {
            dispatcher.start();
        }

        @Override
        public void suspend() {
            dispatcher.suspend(true);
        }

        @Override
        public void resume() {
            dispatcher.suspend(false);
        }

        @Override
        public boolean close(Duration timeout) throws InterruptedException {
            dispatcher.stop();
            boolean quiet = dispatcher.awaitQuiet(timeout);
            dispatcher.close();
            try {
                if (dispatcher.wasStarted()) {
                    writer.await(dispatcher.savePosition());
                }
            } catch (StoreException e) {
                LOG.warn(
                        "The position of {} was not saved, it will read a little more when it starts",
                        dispatcher.name(),
                        e);
            } finally {
                dispatchers.remove(dispatcher);
            }
            return quiet;
        }
    }

    /**
     * Stops or goes on with a target until the opposite is asked for, over restarts. The future fails with {@link
     * LedgerException.Invalid} if there is no such target.
     */
    public CompletableFuture<Void> pause(TargetName name, boolean paused) {
        if (!store.knows(name)) {
            return CompletableFuture.failedFuture(unknown(name));
        }
        WorkWrite<Boolean> write = new WorkWrite<>(
                true,
                transaction -> {
                    if (transaction.knows(name)) {
                        transaction.pause(name, paused);
                    }
                    return paused;
                },
                durable -> {
                    Dispatcher dispatcher = dispatchers.find(name);
                    if (dispatcher != null) {
                        dispatcher.pause(durable);
                    }
                });
        writer.submit(write);
        return write.done().thenApply(done -> null);
    }

    // ---- Dead letters

    public List<DeadLetter> dead(DeadFilter filter, long afterSequence, int limit) {
        return store.dead(filter, afterSequence, limit);
    }

    public long countDead(DeadFilter filter) {
        return deadLetters.count(filter);
    }

    /**
     * Sets dead letters to be delivered again, in key order; the future gives how many.
     *
     * @param perSecond how many become due in a second, or 0 for all at once
     */
    public CompletableFuture<Integer> replay(DeadFilter filter, double perSecond) {
        return deadLetters.replay(filter, perSecond);
    }

    /** Drops dead letters; the future gives how many. */
    public CompletableFuture<Integer> discard(DeadFilter filter) {
        return deadLetters.discard(filter);
    }

    // ---- Looking

    /** All flows and their targets, by name. */
    public List<FlowStatus> flows() {
        List<TargetName> names = store.targets();
        List<FlowStatus> flows = new ArrayList<>();
        for (FlowCounts flow : store.flows()) {
            List<TargetStatus> targets = new ArrayList<>();
            for (TargetName name : names) {
                if (name.flow().equals(flow.flow())) {
                    targets.add(status(name));
                }
            }
            flows.add(new FlowStatus(flow.flow(), flow.accepted(), flow.duplicates(), targets));
        }
        return flows;
    }

    private TargetStatus status(TargetName name) {
        TargetCounts counts = store.counts(name);
        Dispatcher dispatcher = dispatchers.find(name);
        int[] inFlight = dispatcher == null ? new int[2] : dispatcher.inFlightCounts();
        return new TargetStatus(
                name.target(),
                counts.position(),
                Math.max(0, counts.pending() - inFlight[0]),
                inFlight[0] + inFlight[1],
                Math.max(0, counts.waiting() - inFlight[1]),
                counts.parked(),
                counts.dead(),
                counts.delivered(),
                counts.oldest(),
                dispatcher == null ? Circuit.State.CLOSED : dispatcher.circuit().state(),
                counts.paused());
    }

    /** Changes as asked for, newest first, without bodies and headers. */
    public List<Entry> changes(ChangeQuery query) {
        return store.changes(query);
    }

    /** One change whole. */
    public Optional<Entry> change(String flow, long sequence) {
        return store.entry(sequence).filter(entry -> entry.change().flow().equals(flow));
    }

    /** The deliveries of a change, one for every target of its flow that it is meant for, by target name. */
    public List<Delivery> deliveries(Entry entry) {
        List<Delivery> deliveries = new ArrayList<>(store.deliveries(entry.sequence()));
        for (TargetName name : store.targets()) {
            boolean stored =
                    deliveries.stream().anyMatch(delivery -> delivery.target().equals(name));
            if (!stored
                    && name.flow().equals(entry.change().flow())
                    && store.counts(name).position() < entry.sequence()) {
                deliveries.add(new Delivery(name, DeliveryState.PENDING, 0, null, null, null, null));
            }
        }
        deliveries.replaceAll(delivery -> asOfNow(entry, delivery));
        deliveries.sort(Comparator.comparing(delivery -> delivery.target().target()));
        return deliveries;
    }

    private Delivery asOfNow(Entry entry, Delivery stored) {
        Dispatcher dispatcher = dispatchers.find(stored.target());
        if (dispatcher == null || !dispatcher.isDelivering(entry.sequence())) {
            return stored;
        }
        return new Delivery(
                stored.target(),
                DeliveryState.DELIVERING,
                stored.attempts(),
                null,
                null,
                stored.status(),
                stored.error());
    }

    /** The failed attempts to deliver a change, oldest first. */
    public List<Attempt> attempts(long sequence) {
        return store.attempts(sequence);
    }

    /** Empty while the store takes writes, else one line saying why it does not. */
    public Optional<String> trouble() {
        return writer.trouble();
    }

    // ---- The rest

    /** Turns new changes away from now on, while deliveries go on. */
    public void drain() {
        draining = true;
    }

    /** Finishes what was accepted, then closes the store. Subscriptions are closed before. */
    @Override
    public void close() {
        draining = true;
        writer.close();
        store.close();
    }

    private void schedulePurge(Duration delay) {
        settings.scheduler().schedule(this::purge, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void purge() {
        if (draining) {
            return;
        }
        Map<TargetName, Set<String>> freed = new HashMap<>(); // also by a commit whose fate was unknown
        WorkWrite<Boolean> step = new WorkWrite<>(
                false,
                transaction -> {
                    var now = settings.clock().instant();
                    return transaction.purge(
                            now.minus(settings.retention().settled()),
                            now.minus(settings.retention().dead()),
                            PURGE_STEP,
                            (target, key) -> freed.computeIfAbsent(target, none -> new HashSet<>())
                                    .add(key));
                },
                more -> freed.forEach(this::release));
        step.done()
                .whenComplete(
                        (more, failure) -> schedulePurge(Boolean.TRUE.equals(more) ? PURGE_STEP_PAUSE : PURGE_EVERY));
        writer.submit(step);
    }

    /** The dead letters that may have held these keys back are past their time. */
    private void release(TargetName target, Set<String> keys) {
        Dispatcher dispatcher = dispatchers.find(target);
        if (dispatcher != null) {
            keys.forEach(dispatcher::release);
        }
    }
}
