package dev.serai.ledger.delivery;

import dev.serai.ledger.model.Entry;

/**
 * A change on its way to a target.
 *
 * @param attempt counted from 1
 * @param mayHaveArrived whether the target may have it already: an attempt before had another outcome than a delivery, or may
 *     have been under way when a node or a route ended
 */
public record Sending(Entry entry, int attempt, boolean mayHaveArrived) {}
