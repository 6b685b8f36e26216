package dev.serai.ledger.model;

/**
 * What a flow has taken in since it exists.
 *
 * @param accepted changes, duplicates not counted
 * @param duplicates changes recognised as sent before
 */
public record FlowCounts(String flow, long accepted, long duplicates) {}
