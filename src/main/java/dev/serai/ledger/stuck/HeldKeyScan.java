package dev.serai.ledger.stuck;

import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.OutcomeWriter;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the store which keys are held back, after more were than memory knows for sure: keys that continue since are
 * forgotten by it.
 *
 * <p>Threads: used under its dispatcher's lock; the read itself runs on the scheduler, outside of it.
 */
public final class HeldKeyScan {
    private static final Logger LOG = LoggerFactory.getLogger(HeldKeyScan.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final TargetName name;
    private final Store store;
    private final Writer writer;
    private final LedgerSettings settings;
    private final StuckKeys held;
    private final OutcomeWriter outcomes;
    private final Consumer<Runnable> update;
    private long notBeforeMillis = Long.MIN_VALUE;

    /** @param update runs a change of state under the dispatcher's lock, from any thread */
    public HeldKeyScan(
            TargetName name,
            Store store,
            Writer writer,
            LedgerSettings settings,
            StuckKeys held,
            OutcomeWriter outcomes,
            Consumer<Runnable> update) {
        this.name = name;
        this.store = store;
        this.writer = writer;
        this.settings = settings;
        this.held = held;
        this.outcomes = outcomes;
        this.update = update;
    }

    /** Starts a scan if it is worth one. */
    public void start() {
        if (!held.keys().isFilterOld() || settings.clock().monotonicMillis() < notBeforeMillis) {
            return;
        }
        notBeforeMillis = settings.clock().monotonicMillis() + PAUSE.toMillis();
        KeyFilter stored = held.keys().startFilter();
        if (stored == null) {
            return;
        }
        // What was submitted before it is durable when it is done, unless it was refused.
        WorkWrite<Boolean> barrier = new WorkWrite<>(false, transaction -> true);
        barrier.done().whenComplete((done, failure) -> {
            if (failure == null && !outcomes.hasRefused()) {
                settings.scheduler().execute(() -> read(stored));
            } else {
                settings.scheduler().execute(() -> end(null));
            }
        });
        writer.submit(barrier);
    }

    private void read(KeyFilter stored) {
        try {
            store.heldKeys(name, (keyHash, waits) -> stored.add(keyHash));
        } catch (RuntimeException e) {
            LOG.warn("Reading the stuck keys of {} failed, trying again later", name, e);
            end(null);
            return;
        }
        end(stored);
    }

    private void end(@Nullable KeyFilter stored) {
        update.accept(() -> held.scanned(stored));
    }
}
