package dev.serai.ledger;

import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.Writer;
import dev.serai.ledger.write.WriterFactory;
import java.util.Optional;

/**
 * One shard of a ledger: all that concerns the keys that fall to it. It has a store and a writer of its own, and with them its
 * own sequences, ids, positions, stuck keys, clock and purge, and knows nothing of other shards.
 *
 * <p>Threads: safe.
 */
final class Shard {
    private final Store store;
    private final LedgerSettings settings;
    private final DispatcherRegistry dispatchers = new DispatcherRegistry();
    private final Writer writer;
    private final Purge purge;

    /** @param settings with the shard's own clock and its part of the limits */
    Shard(Store store, LedgerSettings settings, WriterFactory writers) {
        this.store = store;
        this.settings = settings;
        settings.clock().start(store.clock().orElse(null));
        this.writer = writers.create(store, settings.limits(), settings.clock(), dispatchers::committed);
        this.purge = new Purge(writer, dispatchers, settings);
    }

    void start() {
        writer.start();
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
