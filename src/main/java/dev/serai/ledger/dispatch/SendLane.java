package dev.serai.ledger.dispatch;

/** From where the next change to send is taken; the lanes take turns. */
enum SendLane {
    /** New changes of keys of which the target took a change not long ago. */
    PROVEN,
    /** New changes of the other keys. */
    UNPROVEN,
    /** Changes that were parked, of keys that continue. */
    RECOVERING,
    /** Due changes of keys that failed last. */
    RETRY
}
