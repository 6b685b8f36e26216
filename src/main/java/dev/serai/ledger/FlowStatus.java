package dev.serai.ledger;

import dev.serai.ledger.delivery.TargetStatus;
import java.util.List;

/**
 * A flow and its targets as they stand now.
 *
 * @param accepted changes, duplicates not counted
 * @param duplicates changes recognised as sent before
 */
public record FlowStatus(String flow, long accepted, long duplicates, List<TargetStatus> targets) {}
