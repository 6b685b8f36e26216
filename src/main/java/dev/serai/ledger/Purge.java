package dev.serai.ledger;

import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Deletes changes after their retention, in steps that are too small to delay an accept.
 *
 * <p>Threads: safe.
 */
final class Purge {
    private static final Duration EVERY = Duration.ofMinutes(1);
    /** The store ends a step after a few milliseconds: so the writer has four fifths of its time for other writes. */
    private static final Duration STEP_PAUSE = Duration.ofMillis(20);
    /** Allows 50,000 changes a second. */
    private static final int STEP = 1000;

    private final Writer writer;
    private final DispatcherRegistry dispatchers;
    private final LedgerSettings settings;
    private volatile boolean stopped;

    Purge(Writer writer, DispatcherRegistry dispatchers, LedgerSettings settings) {
        this.writer = writer;
        this.dispatchers = dispatchers;
        this.settings = settings;
    }

    void start() {
        schedule(EVERY);
    }

    void stop() {
        stopped = true;
    }

    private void schedule(Duration delay) {
        settings.scheduler().schedule(this::step, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void step() {
        if (stopped) {
            return;
        }
        // Kept when the write is repeated: its first commit may have succeeded although it was reported as failed.
        Map<TargetName, Map<String, Set<Long>>> freed = new HashMap<>();
        WorkWrite<Boolean> step = new WorkWrite<>(
                false,
                transaction -> transaction.purge(
                        settings.clock().runningMillis(),
                        settings.retention(),
                        STEP,
                        (target, key, sequence) -> freed.computeIfAbsent(target, none -> new HashMap<>())
                                .computeIfAbsent(key, none -> new HashSet<>())
                                .add(sequence)),
                more -> freed.forEach(this::release));
        step.done().whenComplete((more, failure) -> schedule(Boolean.TRUE.equals(more) ? STEP_PAUSE : EVERY));
        writer.submit(step);
    }

    /** Releases keys that may have been held back by expired dead letters. */
    private void release(TargetName target, Map<String, Set<Long>> letters) {
        Dispatcher dispatcher = dispatchers.find(target);
        if (dispatcher != null) {
            dispatcher.operator().discarded(letters);
        }
    }
}
