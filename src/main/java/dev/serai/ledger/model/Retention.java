package dev.serai.ledger.model;

import java.time.Duration;

/**
 * How long the ledger keeps what is over.
 *
 * @param settled changes that every target has, and with them the ids by which duplicates are recognised
 * @param dead dead letters
 */
public record Retention(Duration settled, Duration dead) {
    public static final Retention DEFAULT = new Retention(Duration.ofDays(7), Duration.ofDays(90));
}
