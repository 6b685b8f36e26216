package dev.serai.ledger;

import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.time.ClockStep;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices steps of the wall clock and says so, and saves the clock of each shard now and then.
 *
 * <p>Threads: safe.
 */
public final class ClockWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(10);
    /** A crash loses that much of the running time, which retention then counts once more. */
    private static final int LOOKS_PER_SAVE = 6;

    private final ShardMap shards;
    private final LedgerSettings settings;
    private final LedgerClock clock;
    private final List<Consumer<ClockStep>> listeners = new CopyOnWriteArrayList<>();
    private int looks;
    private volatile boolean stopped;

    ClockWatch(ShardMap shards, LedgerSettings settings) {
        this.shards = shards;
        this.settings = settings;
        this.clock = settings.clock();
    }

    void start() {
        shards.own().stream()
                .flatMap(shard -> shard.clock().recentStep().stream())
                .findFirst()
                .ifPresent(step -> LOG.warn("While the ledger was closed, {}", step));
        schedule();
    }

    /** Saves once more. */
    void stop() {
        if (!stopped) {
            stopped = true;
            save();
        }
    }

    /** @param listener takes each step, on the scheduler's threads */
    public void whenStepped(Consumer<ClockStep> listener) {
        listeners.add(listener);
    }

    /** The last step, for an hour after it was seen; looks first, so that the answer is up to date. */
    public Optional<ClockStep> recentStep() {
        look();
        return clock.recentStep();
    }

    /** How many steps were seen since the start. */
    public long steps() {
        return clock.steps();
    }

    private void schedule() {
        settings.scheduler().schedule(this::tick, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void tick() {
        if (stopped) {
            return;
        }
        schedule();
        look();
        if (++looks % LOOKS_PER_SAVE == 0) {
            save();
        }
    }

    private void look() {
        clock.look().ifPresent(step -> {
            LOG.warn("Clock step: {}", step);
            save();
            settings.scheduler().execute(() -> listeners.forEach(listener -> listener.accept(step)));
        });
    }

    private void save() {
        for (Shard shard : shards.own()) {
            shard.writer().submit(new WorkWrite<>(false, shard::saveClock));
        }
    }
}
