package dev.serai.ledger.history;

import java.time.Instant;

/**
 * What happened in a period.
 *
 * @param at its beginning
 */
public record HistoryPoint(Instant at, HistoryCounts counts) {}
