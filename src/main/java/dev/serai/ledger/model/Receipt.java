package dev.serai.ledger.model;

/**
 * Confirms that a change is durable.
 *
 * @param sequence the change's position in the ledger; for a duplicate, the position of the first one
 * @param duplicate whether the same id with the same body was already accepted
 */
public record Receipt(String flow, String id, long sequence, boolean duplicate) {}
