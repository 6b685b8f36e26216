package dev.serai.ledger.model;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where one change stands on its way to one target, and the only place that knows which moves are legal.
 *
 * <p>{@code PENDING} and {@code DELIVERING} are never stored: a change without a row, beyond its target's position, is
 * pending. {@code PARKED} is the stored form of pending behind a key that is stuck.
 */
public enum DeliveryState {
    /** Not tried yet, or to be tried anew. */
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
