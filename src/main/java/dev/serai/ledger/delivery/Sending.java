package dev.serai.ledger.delivery;

import dev.serai.ledger.model.Entry;

/**
 * A change on its way to a target.
 *
 * @param attempt counted from 1
 */
public record Sending(Entry entry, int attempt) {}
