package dev.serai.ledger;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.dispatch.DispatcherRegistry;
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
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import dev.serai.ledger.write.WriterFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
    private final Store store;
    private final LedgerSettings settings;
    private final Writer writer;
    private final Intake intake;
    private final DispatcherRegistry dispatchers = new DispatcherRegistry();
    private final TargetAdmin targets;
    private final DeadLetters deadLetters;
    private final Overview overview;
    private final Purge purge;
    private final WaiterRegistry waiters;

    /** Opens the ledger on a store, which {@link #close} closes, and starts the writer. */
    public Ledger(Store store, LedgerSettings settings) {
        this(store, settings, Writer::new);
    }

    /** For tests that step the writer themselves. */
    Ledger(Store store, LedgerSettings settings, WriterFactory writers) {
        this.store = store;
        this.settings = settings;
        this.writer = writers.create(store, settings.limits(), settings.clock(), dispatchers::committed);
        this.intake = new Intake(writer, settings);
        this.deadLetters = new DeadLetters(store, writer, settings.scheduler(), settings.clock(), dispatchers);
        this.overview = new Overview(store, dispatchers);
        this.purge = new Purge(writer, dispatchers, settings);
        this.waiters = new WaiterRegistry(settings.completions());
        this.targets = new TargetAdmin(store, writer, dispatchers, waiters, settings);
        this.writer.start();
        purge.start();
    }

    // ---- Accepting

    /**
     * Makes a change durable. The future fails with {@link LedgerException}: at once if the change is invalid, the queue is
     * full, or the store cannot be written.
     */
    public CompletableFuture<Receipt> accept(Change change) {
        return intake.accept(change, receipt -> {});
    }

    /**
     * Makes a change durable and waits until its targets have it. The future fails like that of {@link #accept(Change)}. A
     * change that becomes a dead letter, or is not delivered in time, remains accepted.
     *
     * @param await the name of the target to wait for, or null for all of the flow
     * @throws IllegalArgumentException if there is no such target
     */
    public CompletableFuture<Confirmation> acceptAndWait(Change change, @Nullable String await, Duration timeout) {
        Set<TargetName> awaited;
        try {
            awaited = overview.targets(change.flow(), await);
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(new LedgerException.Unavailable(
                    "the ledger could not be read; nothing was accepted, send it again later", e));
        }
        if (awaited.isEmpty()) {
            throw new IllegalArgumentException("flow " + change.flow() + " has no target"
                    + (await == null ? "" : " " + await) + " to wait for: add its route, or use mode=async");
        }
        Wait wait = new Wait(store, overview, waiters, settings.scheduler(), awaited, timeout);
        return intake.accept(change, wait::begin).thenCompose(receipt -> wait.confirmation());
    }

    /** Whether a caller waits for the targets' replies to this change. */
    public boolean isAwaited(long sequence) {
        return waiters.isAwaited(sequence);
    }

    /**
     * Makes changes durable together with the cursor after them: all or none. Waits while the queue is full.
     *
     * @param cursor saved in the same transaction, or null
     */
    public CompletableFuture<List<Receipt>> accept(List<Change> changes, @Nullable Cursor cursor)
            throws InterruptedException {
        return intake.accept(changes, cursor);
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

    // ---- Targets

    /**
     * Makes a target known and returns its subscription. From this call on the ledger keeps every change of the flow for it.
     *
     * <p>Throws {@link IllegalStateException} if another subscription of the target is open.
     */
    public Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        return targets.subscribe(name, options, target, circuit);
    }

    /**
     * Deletes a target with its open deliveries and dead letters; a later target of that name is a new one. The future fails
     * with {@link LedgerException.Invalid} if there is no such target, with {@link LedgerException.InUse} while a subscription
     * of it is open.
     */
    public CompletableFuture<Void> removeTarget(TargetName name) {
        return targets.remove(name);
    }

    /**
     * Pauses or resumes a target until the opposite is asked for, across restarts. The future fails with {@link
     * LedgerException.Invalid} if there is no such target.
     */
    public CompletableFuture<Void> pause(TargetName name, boolean paused) {
        return targets.pause(name, paused);
    }

    // ---- Dead letters

    public List<DeadLetter> dead(DeadFilter filter, long afterSequence, int limit) {
        return store.dead(filter, afterSequence, limit);
    }

    public long countDead(DeadFilter filter) {
        return deadLetters.count(filter);
    }

    /**
     * Makes dead letters due again, in order per key; returns how many.
     *
     * @param perSecond how many become due in a second, or 0 for all at once
     */
    public CompletableFuture<Integer> replay(DeadFilter filter, double perSecond) {
        return deadLetters.replay(filter, perSecond);
    }

    /** Discards dead letters; returns how many. */
    public CompletableFuture<Integer> discard(DeadFilter filter) {
        return deadLetters.discard(filter);
    }

    // ---- Reading

    /** All flows and their targets, by name. */
    public List<FlowStatus> flows() {
        return overview.flows();
    }

    /** The changes that match, newest first, without bodies and headers. */
    public List<Entry> changes(ChangeQuery query) {
        return store.changes(query);
    }

    /** One change with its body and headers. */
    public Optional<Entry> change(String flow, long sequence) {
        return store.entry(sequence).filter(entry -> entry.change().flow().equals(flow));
    }

    /** The deliveries of a change, one for each target that gets it, by target name. */
    public List<Delivery> deliveries(Entry entry) {
        return overview.deliveries(entry);
    }

    /** The failed attempts to deliver a change, oldest first. */
    public List<Attempt> attempts(long sequence) {
        return store.attempts(sequence);
    }

    /** Empty while writes succeed, else one line that says why they do not. */
    public Optional<String> trouble() {
        return writer.trouble();
    }

    /** Completes with the reason if the writer has ended; the process must then be restarted. */
    public CompletableFuture<String> writerEnd() {
        return writer.end();
    }

    /** How often a write was refused since the start because it threw an exception. */
    public long refusedWrites() {
        return writer.refusedWrites();
    }

    // ---- Ending

    /** Refuses new changes from now on; deliveries continue. */
    public void drain() {
        intake.drain();
        purge.stop();
    }

    /** Writes what was submitted, then closes the store. Close the subscriptions first. */
    @Override
    public void close() {
        drain();
        writer.close();
        store.close();
    }
}
