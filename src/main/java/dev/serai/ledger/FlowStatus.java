package dev.serai.ledger;

import dev.serai.ledger.delivery.TargetStatus;
import java.util.List;

/**
 * The current state of a flow and its targets.
 *
 * @param accepted changes, duplicates not counted
 * @param duplicates changes that were recognised as already accepted
 */
public record FlowStatus(String flow, long accepted, long duplicates, List<TargetStatus> targets) {}
