package dev.serai.ledger;

import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.dispatch.OpenSubscription;
import dev.serai.ledger.dispatch.WaiterRegistry;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadFilter;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.target.Circuit;
import dev.serai.ledger.target.Subscription;
import dev.serai.ledger.target.Target;
import dev.serai.ledger.target.TargetOptions;
import dev.serai.ledger.write.AcceptWrite;
import dev.serai.ledger.write.IntakeLimit;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import dev.serai.ledger.write.WriterFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The durable ledger between sources and targets.
 *
 * <p>Promise: a change is acknowledged only when it is durable, and from then on it reaches every target of its flow, in
 * order per key, at least once and under a stable id, or becomes a dead letter that is kept.
 *
 * <p>Threads: safe.
 */
public final class Ledger implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final Store store;
    private final LedgerSettings settings;
    private final Writer writer;
    private final IntakeLimit gate;
    private final DispatcherRegistry dispatchers = new DispatcherRegistry();
    private final DeadLetters deadLetters;
    private final Overview overview;
    private final Purge purge;
    private final WaiterRegistry waiters;
    private volatile boolean draining;

    /** Opens the ledger over a store, which it closes in the end, and starts the writer. */
    public Ledger(Store store, LedgerSettings settings) {
        this(store, settings, Writer::new);
    }

    /** For tests that step the writer themselves. */
    Ledger(Store store, LedgerSettings settings, WriterFactory writers) {
        this.store = store;
        this.settings = settings;
        this.writer = writers.create(store, settings.limits(), settings.clock(), dispatchers::committed);
        this.gate = new IntakeLimit(
                settings.limits().queuedChangesMax(), settings.limits().queuedBytesMax());
        this.deadLetters = new DeadLetters(store, writer, settings.scheduler(), settings.clock(), dispatchers);
        this.overview = new Overview(store, dispatchers);
        this.purge = new Purge(writer, dispatchers, settings);
        this.waiters = new WaiterRegistry(settings.completions());
        this.writer.start();
        purge.start();
    }

    // ---- Accepting

    /**
     * Makes a change durable. The future fails with {@link LedgerException}: at once if the change is invalid, too much
     * waits already, or the store cannot be written.
     */
    public CompletableFuture<Receipt> accept(Change change) {
        return accept(change, receipts -> {}).thenApply(receipts -> receipts.get(0));
    }

    private CompletableFuture<List<Receipt>> accept(Change change, Consumer<List<Receipt>> whenDurable) {
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
        return submit(changes, null, whenDurable);
    }

    /**
     * Makes a change durable and waits until its targets have it. The future fails like that of {@link #accept(Change)};
     * a change that is given up, or not delivered in time, is accepted all the same.
     *
     * @param await the name of the target to wait for, or null for all of the flow
     * @throws IllegalArgumentException if there is no such target
     */
    public CompletableFuture<Confirmation> acceptAndWait(Change change, @Nullable String await, Duration timeout) {
        Set<TargetName> targets;
        try {
            targets = store.targets().stream()
                    .filter(name -> name.flow().equals(change.flow()))
                    .filter(name -> await == null || name.target().equals(await))
                    .collect(Collectors.toSet());
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(new LedgerException.Unavailable(
                    "the ledger could not be read; nothing was accepted, send it again later", e));
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("flow " + change.flow() + " has no target"
                    + (await == null ? "" : " " + await) + " to wait for: add its route, or use mode=async");
        }
        Wait wait = new Wait(store, overview, waiters, settings.scheduler(), targets, timeout);
        return accept(change, receipts -> wait.begin(receipts.get(0))).thenCompose(receipts -> wait.confirmation());
    }

    /** Whether somebody waits for what the targets answer to this change. */
    public boolean isAwaited(long sequence) {
        return waiters.isAwaited(sequence);
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
        return submit(changes, cursor, receipts -> {});
    }

    private CompletableFuture<List<Receipt>> submit(
            List<Change> changes, @Nullable Cursor cursor, Consumer<List<Receipt>> whenDurable) {
        long bytes = AcceptWrite.bytesOf(changes);
        AcceptWrite write = new AcceptWrite(
                changes,
                cursor,
                settings.clock(),
                settings.completions(),
                () -> gate.leave(changes.size(), bytes),
                whenDurable);
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
        Dispatcher dispatcher = new Dispatcher(name, options, target, circuit, store, writer, waiters, settings);
        dispatchers.add(dispatcher);
        try {
            addTarget(name, options.fromEarliest() ? 0 : Transaction.NEWEST);
        } catch (StoreException e) {
            dispatchers.remove(dispatcher);
            throw e;
        }
        return new OpenSubscription(dispatcher, dispatchers, writer);
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
        return overview.flows();
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
        return overview.deliveries(entry);
    }

    /** The failed attempts to deliver a change, oldest first. */
    public List<Attempt> attempts(long sequence) {
        return store.attempts(sequence);
    }

    /** Empty while the store takes writes, else one line saying why it does not. */
    public Optional<String> trouble() {
        return writer.trouble();
    }

    /** Completes with the reason once the ledger can never write again; the process has to be started anew then. */
    public CompletableFuture<String> writerEnd() {
        return writer.end();
    }

    /** How many writes were left out since the start because each of them, on its own, threw an exception. */
    public long refusedWrites() {
        return writer.refusedWrites();
    }

    // ---- The rest

    /** Turns new changes away from now on, while deliveries go on. */
    public void drain() {
        draining = true;
        purge.stop();
    }

    /** Finishes what was accepted, then closes the store. Subscriptions are closed before. */
    @Override
    public void close() {
        drain();
        writer.close();
        store.close();
    }
}
