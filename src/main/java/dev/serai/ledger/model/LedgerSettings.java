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

    /** The same with another listener. */
    public LedgerSettings with(DeliveryListener other) {
        return new LedgerSettings(limits, retention, clock, random, scheduler, completions, other);
    }

    /** Receives outcomes, for meters. It must be quick. */
    @FunctionalInterface
    public interface DeliveryListener {

        /**
         * An outcome is durable. Called on the writer's thread.
         *
         * @param state {@code DELIVERED}, {@code WAITING} after a failed attempt, or {@code DEAD}
         * @param sinceAccepted the time since the change was accepted
         */
        void settled(TargetName target, DeliveryState state, Duration sinceAccepted);

        /** An attempt failed, whatever follows from that. Called by any thread that may hold locks. */
        default void failed(TargetName target) {}

        /** A delivery had no outcome in time; otherwise as {@link #failed}, which is called too. */
        default void timedOut(TargetName target) {}
    }
}
