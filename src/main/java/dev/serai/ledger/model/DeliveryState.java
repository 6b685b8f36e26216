package dev.serai.ledger.model;

import java.util.EnumSet;
import java.util.Set;

/**
 * The state of the delivery of one change to one target. Only this class defines which state changes are legal.
 *
 * <p>{@code PENDING} and {@code DELIVERING} are never stored: a change is pending if it has no row and comes after its
 * target's position. {@code PARKED} is the stored form of a pending change whose key is held back.
 */
public enum DeliveryState {
    /** Not tried yet, or due for another attempt because the last one did not count. */
    PENDING,
    /** Sent to the target; the outcome is not known yet. */
    DELIVERING,
    /** The target has it; it is delivered again if a reconciliation finds that it lost it. */
    DELIVERED,
    /** Kept back by a step of the target's route, such as a filter: nothing was sent. */
    FILTERED,
    /** Failed, or next of its key after a failed one; due at a set time, and holds back its key until then. */
    WAITING,
    /** Not tried yet, held back by an earlier change of its key. */
    PARKED,
    /** Given up: a dead letter, kept until it is replayed or discarded. */
    DEAD,
    /** Replaced by a newer state of its key before it was delivered. */
    SUPERSEDED,
    /** A dead letter that an operator dropped. */
    DISCARDED;

    /** Whether a delivery in this state may change to {@code next}. */
    public boolean canBecome(DeliveryState next) {
        return successors().contains(next);
    }

    /**
     * Throws {@link IllegalStateException} unless a delivery stored in this state may be stored in the next one. Most
     * deliveries pass through {@code DELIVERING}, which is not stored, in between.
     */
    public void requireMove(DeliveryState next) {
        if (!canBecome(next) && !(canBecome(DELIVERING) && DELIVERING.canBecome(next))) {
            throw new IllegalStateException("a delivery that is " + this + " cannot become " + next);
        }
    }

    /** Whether a change in this state holds back the later changes of its key. */
    public boolean isHeld() {
        return this == WAITING || this == PARKED;
    }

    /** Whether this state is final unless an operator acts. */
    public boolean isSettled() {
        return this == DELIVERED || this == FILTERED || this == DEAD || this == SUPERSEDED || this == DISCARDED;
    }

    private Set<DeliveryState> successors() {
        return switch (this) {
            case PENDING -> EnumSet.of(DELIVERING, PARKED, SUPERSEDED);
            case PARKED -> EnumSet.of(DELIVERING, WAITING, SUPERSEDED);
            case DELIVERING -> EnumSet.of(DELIVERED, FILTERED, WAITING, DEAD, PENDING, SUPERSEDED);
            case WAITING -> EnumSet.of(DELIVERING, PARKED, SUPERSEDED, DEAD);
            case DEAD -> EnumSet.of(PARKED, DISCARDED);
            case DELIVERED -> EnumSet.of(PARKED);
            case FILTERED, SUPERSEDED, DISCARDED -> EnumSet.noneOf(DeliveryState.class);
        };
    }
}
