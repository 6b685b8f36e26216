package dev.serai.ledger.history;

/**
 * The failures of a target in the last minutes do not fit those of the last day, at all nodes that share the ledger.
 *
 * @param lately the share of attempts that fail now, from 0 to 1
 * @param usual the share that usually fails
 */
public record TargetDrift(String flow, String target, double lately, double usual) {}
