package dev.serai.ledger;

/**
 * A change on its way to a target.
 *
 * @param attempt counted from 1
 */
public record Sending(Entry entry, int attempt) {}
