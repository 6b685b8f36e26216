package dev.serai.ledger.model;

import org.jspecify.annotations.Nullable;

/**
 * Selects changes, newest first; a change must match every part that is set.
 *
 * @param limit the maximum number of changes to return, at least 1
 */
public record ChangeQuery(
        @Nullable String flow,
        @Nullable String key,
        @Nullable String id,
        int limit) {}
