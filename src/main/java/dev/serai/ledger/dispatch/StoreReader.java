package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outlet.WakeTimer;
import dev.serai.ledger.stuck.StuckKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the changes of one target from the store: its backlog, and the changes that are due for another attempt.
 *
 * <p>Threads: used under its dispatcher's lock; the reads themselves run on the scheduler, outside of it.
 */
final class StoreReader {
    private static final Logger LOG = LoggerFactory.getLogger(StoreReader.class);
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final Duration BUSY_RETRY = Duration.ofMillis(100);

    private final TargetName name;
    private final TargetOptions options;
    private final Store store;
    private final LedgerSettings settings;
    private final LongSupplier windowBytes;
    private final RunState state;
    private final Backlog backlog;
    private final StuckKeys held;
    private final KeyBlocker blocker;
    private final Consumer<Runnable> update;
    private final WakeTimer due;

    /** @param update runs a change of state under the dispatcher's lock, from any thread */
    StoreReader(
            TargetName name,
            TargetOptions options,
            Store store,
            LedgerSettings settings,
            LongSupplier windowBytes,
            RunState state,
            Backlog backlog,
            StuckKeys held,
            KeyBlocker blocker,
            Consumer<Runnable> update) {
        this.name = name;
        this.options = options;
        this.store = store;
        this.settings = settings;
        this.windowBytes = windowBytes;
        this.state = state;
        this.backlog = backlog;
        this.held = held;
        this.blocker = blocker;
        this.update = update;
        this.due = new WakeTimer(settings.scheduler(), settings.clock(), () -> update.accept(held::expectDue));
    }

    /** New changes of the flow are durable. */
    void committed(List<Entry> entries) {
        for (Entry entry : entries) {
            if (backlog.takesFromCommit(entry, state.isActive() && blocker.hasRoom())) {
                take(entry);
            }
        }
    }

    /** Changes may have been committed without a call of {@link #committed}. */
    void resync() {
        backlog.resync();
        held.expectDue();
    }

    void readDueAt(Instant dueAt) {
        due.in(Duration.between(settings.clock().steady(), dueAt).toMillis());
    }

    /** Starts the reads that are needed now. */
    void readOn() {
        if (!state.isActive()) {
            return;
        }
        Backlog.Read read = blocker.hasRoom() ? backlog.nextRead() : null;
        if (read != null) {
            settings.scheduler().execute(() -> readBacklog(read));
        }
        long bytesMax = windowBytes.getAsLong();
        if (held.isReadNeeded() && held.inHand() < 2 * options.concurrency() && held.bytesInHand() < bytesMax) {
            held.startRead();
            int limit = 2 * options.concurrency() + held.inHand(); // what is in hand is read again
            settings.scheduler().execute(() -> readDue(limit, bytesMax));
        }
    }

    private void take(Entry entry) {
        PendingChange item = PendingChange.pending(entry, options.ordered());
        backlog.take(item);
        blocker.add(item);
    }

    private void readBacklog(Backlog.Read read) {
        List<Entry> entries = readOr(() -> store.pending(name, read.after(), read.limit(), read.bytesMax()));
        if (entries == null) {
            settings.scheduler()
                    .schedule(() -> update.accept(backlog::failRead), STORE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        update.accept(() -> {
            if (!state.isRunning()) {
                backlog.failRead();
                return;
            }
            entries.forEach(this::take);
            backlog.endRead(read, entries);
        });
    }

    private void readDue(int limit, long bytesMax) {
        Instant now = settings.clock().steady();
        List<DueChange> changes = readOr(() -> store.due(name, now, limit, bytesMax));
        Instant next = readOr(() -> store.nextDue(name, now).orElse(Instant.MAX));
        update.accept(() -> {
            List<DueChange> found = changes == null ? List.of() : changes;
            boolean isCut = found.size() == limit || bytes(found) > bytesMax;
            int taken = 0;
            boolean isAnyBusy = false;
            for (DueChange change : found) {
                if (blocker.takeDue(change)) {
                    taken++;
                } else {
                    isAnyBusy |= !held.isInHand(change);
                }
            }
            held.endRead();
            if (isCut && taken > 0) {
                held.expectDue();
            }
            if (isAnyBusy || isCut && taken == 0) { // what is in hand needs not be read again: it waits to be sent
                due.in(BUSY_RETRY.toMillis());
            }
            if (next != null && next.isBefore(Instant.MAX)) {
                readDueAt(next);
            }
        });
    }

    private static long bytes(List<DueChange> changes) {
        return changes.stream()
                .mapToLong(change -> change.entry().change().memoryBytes())
                .sum();
    }

    /** Reads the store; returns null after a failure and plans another read. */
    private <T> @Nullable T readOr(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (StoreException e) {
            LOG.debug("Reading for {} failed, trying again: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("Reading for {} failed, trying again", name, e);
        }
        due.in(STORE_RETRY.toMillis());
        return null;
    }
}
