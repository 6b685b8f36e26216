package dev.serai.ledger.delivery;

import java.time.Instant;

/**
 * Why a target's circuit is open.
 *
 * @param reason what the target answered last, or why it could not be reached
 * @param since when the first of the failures came that opened it
 */
public record Trouble(String reason, Instant since) {}
