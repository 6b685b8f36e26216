package dev.serai.ledger.outlet;

/** From where the next change to send is taken; the lanes take turns. */
public enum SendLane {
    /** New changes of keys whose last delivery succeeded. */
    PROVEN,
    /** New changes of the other keys. */
    UNPROVEN,
    /** Changes that were parked, of keys that continue. */
    RECOVERING,
    /** Due changes of keys that failed last. */
    RETRY
}
