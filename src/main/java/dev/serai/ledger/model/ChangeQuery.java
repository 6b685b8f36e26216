package dev.serai.ledger.model;

import org.jspecify.annotations.Nullable;

/**
 * Which changes are meant, newest first; every part that is given must match.
 *
 * @param limit the most to return, from 1
 */
public record ChangeQuery(
        @Nullable String flow,
        @Nullable String key,
        @Nullable String id,
        int limit) {}
