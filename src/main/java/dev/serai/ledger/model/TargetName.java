package dev.serai.ledger.model;

/** A named receiver of a flow. */
public record TargetName(String flow, String target) {
    @Override
    public String toString() {
        return flow + "/" + target;
    }
}
