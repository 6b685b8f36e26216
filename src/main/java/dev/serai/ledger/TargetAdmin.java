package dev.serai.ledger;

import dev.serai.ledger.delivery.Circuit;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.dispatch.OpenSubscription;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.outcome.WaiterRegistry;
import dev.serai.ledger.outlet.Outlet;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.util.concurrent.CompletableFuture;

/**
 * Adds, pauses and removes targets.
 *
 * <p>Threads: safe.
 */
final class TargetAdmin {
    private final Store store;
    private final Writer writer;
    private final DispatcherRegistry dispatchers;
    private final WaiterRegistry waiters;
    private final LedgerSettings settings;

    TargetAdmin(
            Store store,
            Writer writer,
            DispatcherRegistry dispatchers,
            WaiterRegistry waiters,
            LedgerSettings settings) {
        this.store = store;
        this.writer = writer;
        this.dispatchers = dispatchers;
        this.waiters = waiters;
        this.settings = settings;
    }

    /** See {@link Ledger#subscribe}. */
    Subscription subscribe(TargetName name, TargetOptions options, Target target, Circuit circuit) {
        ChangeValidator.requireName("flow", name.flow());
        ChangeValidator.requireName("target", name.target());
        Outlet outlet = new Outlet(
                name,
                options,
                circuit,
                settings,
                () -> dispatchers.windowBytes(settings.limits()),
                () -> dispatchers.heldKeys(settings.limits()));
        Dispatcher dispatcher = new Dispatcher(name, options, target, outlet, store, writer, waiters, settings);
        dispatchers.add(dispatcher);
        try {
            add(name, options.fromEarliest() ? 0 : Transaction.NEWEST);
        } catch (StoreException e) {
            dispatchers.remove(dispatcher);
            throw e;
        }
        return new OpenSubscription(dispatcher, dispatchers, writer);
    }

    /** Writes the target even if it exists, because the writer may be about to remove it. */
    private void add(TargetName name, long position) {
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            transaction.addTarget(name, position);
            return true;
        });
        writer.write(write);
    }

    /** See {@link Ledger#removeTarget}. */
    CompletableFuture<Void> remove(TargetName name) {
        if (!store.knows(name)) {
            return CompletableFuture.failedFuture(unknown(name));
        }
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            // Checked on the writer's thread, because a subscription registers its dispatcher before it adds its
            // target.
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

    /** See {@link Ledger#pause}. */
    CompletableFuture<Void> pause(TargetName name, boolean paused) {
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

    private static LedgerException.Invalid unknown(TargetName name) {
        return new LedgerException.Invalid("target " + name + " does not exist");
    }
}
