package dev.serai.ledger.delivery;

import java.time.Instant;

/**
 * Why something fails now, for example why a target's circuit is open.
 *
 * @param reason what the last failure said
 * @param since when the first of the failures in a row came
 */
public record Trouble(String reason, Instant since) {}
