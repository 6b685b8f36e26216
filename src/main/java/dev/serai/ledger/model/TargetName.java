package dev.serai.ledger.model;

/** The name of one target of a flow. */
public record TargetName(String flow, String target) {
    @Override
    public String toString() {
        return flow + "/" + target;
    }
}
