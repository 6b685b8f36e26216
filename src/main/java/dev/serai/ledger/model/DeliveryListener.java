package dev.serai.ledger.model;

import java.time.Duration;

/** Receives every durable outcome, for meters. Called on the writer's thread, so it must be quick. */
@FunctionalInterface
public interface DeliveryListener {

    /**
     * @param state {@code DELIVERED}, {@code WAITING} after a failed attempt, or {@code DEAD}
     * @param sinceAccepted the time since the change was accepted
     */
    void settled(TargetName target, DeliveryState state, Duration sinceAccepted);
}
