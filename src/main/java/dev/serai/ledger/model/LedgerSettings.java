package dev.serai.ledger.model;

import dev.serai.ledger.time.LedgerClock;
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
        DeliveryListener listener) {}
