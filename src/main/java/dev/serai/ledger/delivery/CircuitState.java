package dev.serai.ledger.delivery;

/** Whether changes may be sent to a target. */
public enum CircuitState {
    /** The target is up as far as is known. */
    CLOSED,
    /** The target is down; nothing is sent until the next probe is due. */
    OPEN,
    /** One probe may be under way. */
    HALF_OPEN
}
