package dev.serai.ledger.model;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * What a ledger runs on.
 *
 * @param scheduler runs delayed tasks and blocking reads, on a few threads
 * @param completions runs what waits for an accept, so that it never runs on the writer's thread
 */
public record LedgerSettings(
        Limits limits,
        Retention retention,
        InstantSource clock,
        RandomGenerator random,
        ScheduledExecutorService scheduler,
        Executor completions,
        DeliveryListener listener) {}
