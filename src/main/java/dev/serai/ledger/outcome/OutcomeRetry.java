package dev.serai.ledger.outcome;

import dev.serai.ledger.write.Writer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits refused outcomes again, after delays that grow from {@value #DELAY_MIN_MILLIS} to {@value #DELAY_MAX_MILLIS} ms.
 *
 * <p>Promise: later outcomes of the same key wait for the refused one, so that a crash never leaves a later change stored
 * as settled or parked while an earlier one is pending. Other keys continue.
 *
 * <p>Threads: safe; all but {@link #close} is called by the writer or the scheduler.
 */
final class OutcomeRetry {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeRetry.class);
    private static final long DELAY_MIN_MILLIS = 1_000;
    private static final long DELAY_MAX_MILLIS = 60_000;

    private final Writer writer;
    private final ScheduledExecutorService scheduler;
    /** By key hash. */
    private final Map<Long, RefusedKey> keys = new HashMap<>();

    private boolean closed;

    /** The outcomes of a key in order: the refused one first, then those that wait for it. */
    private static final class RefusedKey {
        private final Set<SettleWrite> writes = new LinkedHashSet<>();
        private long delayMillis = DELAY_MIN_MILLIS;

        private SettleWrite first() {
            return writes.iterator().next();
        }
    }

    OutcomeRetry(Writer writer, ScheduledExecutorService scheduler) {
        this.writer = writer;
        this.scheduler = scheduler;
    }

    /** Whether an earlier outcome of the key was refused; the write is then submitted again after that one. */
    synchronized boolean mustWait(SettleWrite write) {
        RefusedKey key = keys.get(write.item().keyHash());
        if (key == null || key.first() == write) {
            return false;
        }
        key.writes.add(write);
        return true;
    }

    synchronized boolean hasRefused() {
        return !keys.isEmpty();
    }

    synchronized void refused(SettleWrite write) {
        RefusedKey key = keys.computeIfAbsent(write.item().keyHash(), hash -> new RefusedKey());
        key.writes.add(write);
        long delayMillis = key.delayMillis;
        key.delayMillis = Math.min(DELAY_MAX_MILLIS, 2 * delayMillis);
        LOG.debug("Writing {} again in {} ms", write, delayMillis);
        scheduler.schedule(() -> submit(write), delayMillis, TimeUnit.MILLISECONDS);
    }

    synchronized void committed(SettleWrite write) {
        RefusedKey key = keys.get(write.item().keyHash());
        if (key == null) {
            return;
        }
        key.writes.remove(write);
        if (key.writes.isEmpty()) {
            keys.remove(write.item().keyHash());
            LOG.info("The key continues after a refused outcome; stored last: {}", write);
        } else {
            submit(key.first());
        }
    }

    /** Stops submitting again; refused outcomes and the changes that wait for them are delivered again after the next start. */
    synchronized void close() {
        closed = true;
    }

    private synchronized void submit(SettleWrite write) {
        if (!closed) {
            writer.submit(write);
        }
    }
}
