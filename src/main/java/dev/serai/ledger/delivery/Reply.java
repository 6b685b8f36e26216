package dev.serai.ledger.delivery;

import org.jspecify.annotations.Nullable;

/** A target's answer, returned to a caller that waits for it; it is not stored. */
public record Reply(@Nullable String contentType, byte[] body) {}
