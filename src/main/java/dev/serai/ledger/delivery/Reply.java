package dev.serai.ledger.delivery;

import org.jspecify.annotations.Nullable;

/** What a target answered, for whoever waits for it; it is not stored. */
public record Reply(@Nullable String contentType, byte[] body) {}
