package dev.serai.ledger.model;

import java.time.Duration;

/**
 * How long the ledger keeps finished changes, in time during which it was open.
 *
 * @param settled for changes that every target has; their ids, by which duplicates are recognised, are kept as long
 * @param dead for dead letters
 */
public record Retention(Duration settled, Duration dead) {
    public static final Retention DEFAULT = new Retention(Duration.ofDays(7), Duration.ofDays(90));
}
