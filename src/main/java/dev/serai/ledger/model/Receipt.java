package dev.serai.ledger.model;

/**
 * Confirms that a change is durable.
 *
 * @param id under which the change is stored
 * @param sequence the change's position in the ledger; for a duplicate, the position of the first one
 * @param duplicate whether the same change was already accepted
 */
public record Receipt(String flow, String id, long sequence, boolean duplicate) {}
