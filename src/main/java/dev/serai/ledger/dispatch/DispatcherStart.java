package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.stuck.HeldKeys;
import dev.serai.ledger.stuck.OrphanRelease;
import dev.serai.ledger.stuck.StuckKeys;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.Writer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a dispatcher from what is stored of its target.
 *
 * <p>Threads: one thread; state is changed under the dispatcher's lock.
 */
final class DispatcherStart {
    private static final Logger LOG = LoggerFactory.getLogger(DispatcherStart.class);

    private final TargetName name;
    private final TargetOptions options;
    private final Store store;
    private final RunState state;
    private final Backlog backlog;
    private final StuckKeys held;
    private final KeyBlocker blocker;
    private final Consumer<Runnable> update;
    private final OrphanRelease orphans;
    private boolean started;

    /** @param update runs a change of state under the dispatcher's lock, from any thread */
    DispatcherStart(
            TargetName name,
            TargetOptions options,
            Store store,
            Writer writer,
            LedgerClock clock,
            RunState state,
            Backlog backlog,
            StuckKeys held,
            KeyBlocker blocker,
            Consumer<Runnable> update) {
        this.name = name;
        this.options = options;
        this.store = store;
        this.state = state;
        this.backlog = backlog;
        this.held = held;
        this.blocker = blocker;
        this.update = update;
        this.orphans = new OrphanRelease(name, options, store, writer, clock, state::setInOrder);
    }

    /** Throws {@link StoreException} if the store cannot be read or written. */
    void run() {
        orphans.release();
        tryStart();
        while (!started) {
            LOG.debug("An operator acted on {} while it started, reading its state again", name);
            tryStart();
        }
    }

    private void tryStart() {
        update.accept(() -> state.stale = false);
        long newest = store.lastSequence();
        TargetCounts counts = store.counts(name);
        List<long[]> blocking = new ArrayList<>(); // key hash and sequence
        Set<Long> blocked = new HashSet<>();
        if (options.blockOnDeadLetter()) {
            store.eachDead(name, letter -> {
                long keyHash = Hash.of(letter.key());
                blocking.add(new long[] {keyHash, letter.sequence()});
                blocked.add(keyHash);
            });
        }
        HeldKeys stored = held.newKeys();
        List<Long> free = new ArrayList<>(); // a dead letter was discarded since the orphans were released
        store.heldKeys(name, (keyHash, waits) -> {
            stored.add(keyHash);
            if (!waits && !blocked.contains(keyHash)) {
                free.add(keyHash);
            }
        });
        update.accept(() -> {
            if (!state.stale) {
                state.paused = counts.pause() != null;
                backlog.start(counts.position(), newest);
                held.start(stored);
                blocking.forEach(letter -> held.block(letter[0], letter[1]));
                held.expectDue();
                state.start();
                free.forEach(blocker::submitRelease);
                started = true;
            }
        });
    }
}
