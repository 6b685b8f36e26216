package dev.serai.ledger.model;

/**
 * How many changes a flow has accepted since it was created.
 *
 * @param accepted changes, duplicates not counted
 * @param duplicates changes that were recognised as already accepted
 */
public record FlowCounts(String flow, long accepted, long duplicates) {

    /** The sum of two shards. */
    public FlowCounts plus(FlowCounts other) {
        return new FlowCounts(flow, accepted + other.accepted, duplicates + other.duplicates);
    }
}
