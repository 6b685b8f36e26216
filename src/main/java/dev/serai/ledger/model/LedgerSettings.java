package dev.serai.ledger.model;

import dev.serai.ledger.time.LedgerClock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * The settings and resources of a ledger.
 *
 * @param scheduler runs delayed tasks and blocking reads, on a few threads
 * @param completions runs the code that waits for an accept, so that it never runs on the writer's thread
 */
public record LedgerSettings(
        Limits limits,
        Retention retention,
        LedgerClock clock,
        RandomGenerator random,
        ScheduledExecutorService scheduler,
        Executor completions,
        DeliveryListener listener) {

    /** The same for one of several shards. */
    public LedgerSettings ofShard(LedgerClock shardClock, int shards) {
        return shards == 1
                ? this
                : new LedgerSettings(
                        limits.ofShard(shards), retention, shardClock, random, scheduler, completions, listener);
    }

    /** Receives every durable outcome, for meters. Called on the writer's thread, so it must be quick. */
    @FunctionalInterface
    public interface DeliveryListener {

        /**
         * @param state {@code DELIVERED}, {@code WAITING} after a failed attempt, or {@code DEAD}
         * @param sinceAccepted the time since the change was accepted
         */
        void settled(TargetName target, DeliveryState state, Duration sinceAccepted);
    }
}
