package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import dev.serai.ledger.write.WriterFactory;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One shard of a ledger: all that concerns the keys that fall to it. It has a store and a writer of its own, and with them its
 * own sequences, ids, positions, stuck keys, clock and purge, and knows nothing of other shards. A shard that another node has
 * can only be read: its writer refuses all writes, and it has no dispatchers.
 *
 * <p>Threads: safe.
 */
final class Shard {
    private final int number;
    private final @Nullable Supplier<ShardOwners> owners;
    private final Store store;
    private final LedgerSettings settings;
    private final DispatcherRegistry dispatchers = new DispatcherRegistry();
    private final Writer writer;
    private final Purge purge;

    /**
     * A shard that this node has.
     *
     * @param settings with the shard's own clock and its part of the limits
     */
    Shard(int number, Store store, LedgerSettings settings, WriterFactory writers) {
        this.number = number;
        this.owners = null;
        this.store = store;
        this.settings = settings;
        settings.clock().start(store.clock().orElse(null));
        this.writer = writers.create(store, settings.limits(), settings.clock(), dispatchers::committed);
        this.purge = new Purge(writer, dispatchers, settings);
    }

    private Shard(int number, Store view, LedgerSettings settings, Supplier<ShardOwners> owners) {
        this.number = number;
        this.owners = owners;
        this.store = view;
        this.settings = settings;
        this.writer = Writer.refusing(
                view,
                settings.limits(),
                settings.clock(),
                "this node does not have shard " + number + " of the ledger");
        this.purge = new Purge(writer, dispatchers, settings);
    }

    /** A shard that another node may have. */
    static Shard elsewhere(int number, Store view, LedgerSettings settings, Supplier<ShardOwners> owners) {
        return new Shard(number, view, settings, owners);
    }

    int number() {
        return number;
    }

    /** Whether this node has it, and so may write to it. */
    boolean isOwn() {
        return owners == null;
    }

    /**
     * The calls to the node that has it, if that is another one.
     *
     * @throws LedgerException.Overloaded if no node is known to have it at the moment
     */
    ShardCalls owner() {
        return owners().of(number);
    }

    /** Names the node that has it, for people. */
    String ownerName() {
        return owners().nameOf(number);
    }

    private ShardOwners owners() {
        return owners == null ? ShardOwners.NONE : owners.get();
    }

    /** The sequences of a target's changes that are under way, at whichever node. */
    Set<Long> delivering(TargetName target) {
        if (!isOwn()) {
            return owners().delivering(target).stream()
                    .filter(sequence -> ShardSequence.shardOf(sequence) == number)
                    .collect(Collectors.toSet());
        }
        Dispatcher dispatcher = dispatchers.find(target);
        return dispatcher == null ? Set.of() : dispatcher.delivering();
    }

    /** Saves its clock first: what is written later may be due by it, also where another node takes the shard. */
    void start() {
        writer.start();
        writer.submit(new WorkWrite<>(false, this::saveClock, saved -> {}));
        purge.start();
    }

    Store store() {
        return store;
    }

    Writer writer() {
        return writer;
    }

    DispatcherRegistry dispatchers() {
        return dispatchers;
    }

    LedgerSettings settings() {
        return settings;
    }

    LedgerClock clock() {
        return settings.clock();
    }

    /** Saves what its clock shows when this is applied. */
    boolean saveClock(Transaction transaction) {
        transaction.clock(clock().toSave());
        return true;
    }

    /**
     * Adds a target, or writes it again, because the writer may be about to remove it. While the database is away that is the first thing to
     * be written when it is back, so that the target misses nothing, and nobody waits for it.
     *
     * @throws StoreException if it was not written and will not be
     */
    void addTarget(TargetName name, boolean fromEarliest) {
        WorkWrite<Boolean> write = new WorkWrite<>(
                true,
                transaction -> {
                    transaction.addTarget(name, fromEarliest ? 0 : Transaction.NEWEST);
                    return true;
                },
                added -> {});
        writer.submit(write);
        if (writer.isAway()) {
            return;
        }
        try {
            writer.await(write);
        } catch (StoreException e) {
            if (write.done().isDone() && !writer.isAway()) {
                throw e;
            }
        }
    }

    /** See {@link Store#lapse}. */
    Optional<String> lapse() {
        return Optional.ofNullable(store.lapse());
    }

    /** Deletes nothing more. */
    void drain() {
        purge.stop();
    }

    /** Completes the submitted writes, then closes the store. */
    void close() {
        writer.close();
        store.close();
    }
}
