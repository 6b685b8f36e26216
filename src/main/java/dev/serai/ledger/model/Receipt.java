package dev.serai.ledger.model;

/**
 * The ledger's answer to an accepted change: it is durable.
 *
 * @param sequence where the change stands; for a duplicate, where the first one stands
 * @param duplicate whether the same id with the same body had been accepted before
 */
public record Receipt(String flow, String id, long sequence, boolean duplicate) {}
