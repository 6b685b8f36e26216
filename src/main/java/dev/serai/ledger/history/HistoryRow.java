package dev.serai.ledger.history;

import org.jspecify.annotations.Nullable;

/**
 * What happened in a minute: in a target, in a flow, which counts what it accepted alone, or in all of them.
 *
 * @param flow null for all
 * @param target null for the flow itself, and for all
 */
public record HistoryRow(@Nullable String flow, @Nullable String target, HistoryCounts counts) {}
