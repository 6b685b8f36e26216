package dev.serai.ledger.model;

import java.util.EnumSet;
import java.util.Set;

/**
 * The state of the delivery of one change to one target. Only this class defines which moves are legal.
 *
 * <p>{@code PENDING} and {@code DELIVERING} are never stored: a change without a row, beyond its target's position, is
 * pending. {@code PARKED} is the stored form of pending behind a key that is stuck.
 */
public enum DeliveryState {
    /** Not tried yet, or to be tried again as if it had not been tried. */
    PENDING,
    /** Handed to the target, no answer yet. */
    DELIVERING,
    /** The target has it. */
    DELIVERED,
    /** Failed, or first of its key after one that failed; due at a set time, and holds back its key. */
    WAITING,
    /** Not tried yet, held back by an earlier change of its key. */
    PARKED,
    /** Given up: a dead letter, kept until replayed or discarded. */
    DEAD,
    /** Replaced by a newer state of its key before it was delivered. */
    SUPERSEDED,
    /** A dead letter that an operator dropped. */
    DISCARDED;

    /** Whether a change in this state may move to {@code next}. */
    public boolean canBecome(DeliveryState next) {
        return successors().contains(next);
    }

    /**
     * Throws {@link IllegalStateException} unless a delivery stored in this state may be stored in the next one. {@code
     * DELIVERING} comes between the two in most moves and is not stored.
     */
    public void requireMove(DeliveryState next) {
        if (!canBecome(next) && !(canBecome(DELIVERING) && DELIVERING.canBecome(next))) {
            throw new IllegalStateException("a delivery that is " + this + " cannot become " + next);
        }
    }

    /** Whether nothing more happens to a change in this state unless an operator acts. */
    public boolean isSettled() {
        return this == DELIVERED || this == DEAD || this == SUPERSEDED || this == DISCARDED;
    }

    private Set<DeliveryState> successors() {
        return switch (this) {
            case PENDING -> EnumSet.of(DELIVERING, PARKED, SUPERSEDED);
            case PARKED -> EnumSet.of(WAITING, SUPERSEDED);
            case DELIVERING -> EnumSet.of(DELIVERED, WAITING, DEAD, PENDING, SUPERSEDED);
            case WAITING -> EnumSet.of(DELIVERING, SUPERSEDED);
            case DEAD -> EnumSet.of(PARKED, DISCARDED);
            case DELIVERED, SUPERSEDED, DISCARDED -> EnumSet.noneOf(DeliveryState.class);
        };
    }
}
