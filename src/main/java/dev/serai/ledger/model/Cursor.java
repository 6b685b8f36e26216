package dev.serai.ledger.model;

import java.time.Instant;

/** How far a pulling source has read. */
public record Cursor(String name, String value, Instant savedAt) {}
