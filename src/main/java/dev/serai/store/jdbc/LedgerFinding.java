package dev.serai.store.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * Something wrong in a ledger.
 *
 * @param sequence the change that it is about, or null if it is about more or less than one
 * @param flow null if it is not known
 * @param key null if it is not known
 * @param problem in one line
 * @param note whether it is no damage
 */
public record LedgerFinding(
        @Nullable Long sequence,
        @Nullable String flow,
        @Nullable String key,
        String problem,
        boolean note) {}
